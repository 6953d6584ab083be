// What the page shows, as one value that stands in the link: whoever opens the link sees the same. Views read it and
// are told when it changes; nobody else keeps a copy.

const empty = {
  run: 0, beside: null, class: 0, anchor: null, directions: [], query: "axis", spacing: 0.5, control: "random",
  map: "pca", view: null, sort: "rank", kinds: [], verdict: null, filter: "", theme: null,
};

export class State {
  #values;
  #listeners = [];
  #written = null;
  #timer = null;

  /** @param {string} fragment of an address, with or without `#` */
  constructor(fragment) {
    const { token, values } = read(fragment);
    this.token = token;
    this.#values = values;
    addEventListener("hashchange", () => {
      if (location.hash === this.#written) return;
      const { token, values } = read(location.hash);
      if (token && token !== this.token) return location.reload();
      this.set(values);
    });
  }

  get values() { return this.#values; }

  /** Takes changes in, tells those who listen which keys changed, and writes the link. */
  set(changes) {
    const changed = new Set(Object.keys(changes).filter(
      key => JSON.stringify(changes[key]) !== JSON.stringify(this.#values[key])));
    if (changed.size === 0) return;
    this.#values = { ...this.#values, ...changes };
    for (const listener of this.#listeners) listener(changed, this.#values);
    // Browsers refuse addresses that change a hundred times a second.
    this.#timer ??= setTimeout(() => this.write(), 250);
  }

  listen(listener) { this.#listeners.push(listener); }

  write() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#written = this.fragment;
    history.replaceState(null, "", this.#written);
  }

  /** The fragment of a link to what is shown. */
  get fragment() {
    const values = this.#values;
    const pairs = [];
    if (this.token) pairs.push(["token", this.token]);
    for (const key of ["run", "beside", "class", "anchor"]) {
      if (values[key] != null) pairs.push([key, values[key]]);
    }
    for (const { id, position } of values.directions) pairs.push(["d", id], ["t", Number(position.toFixed(3))]);
    for (const key of ["query", "spacing", "control", "map", "sort", "verdict", "filter", "theme"]) {
      if (values[key] !== empty[key]) pairs.push([key, values[key]]);
    }
    if (values.view) pairs.push(["view", values.view.map(value => Number(value.toPrecision(5))).join(",")]);
    if (values.kinds.length) pairs.push(["kinds", values.kinds.join(",")]);
    return "#" + pairs.map(([key, value]) => `${key}=${encode(String(value))}`).join("&");
  }
}

const encode = text => encodeURIComponent(text).replaceAll("%2C", ",").replaceAll("%3A", ":");

function read(fragment) {
  const parameters = new URLSearchParams(fragment.replace(/^#/, ""));
  const values = structuredClone(empty);
  const whole = key => /^\d{1,9}$/.test(parameters.get(key) ?? "") ? Number(parameters.get(key)) : null;
  const oneOf = (key, allowed) => allowed.includes(parameters.get(key)) ? parameters.get(key) : empty[key];
  values.run = whole("run") ?? 0;
  values.beside = whole("beside");
  if (values.beside === values.run) values.beside = null;
  values.class = whole("class") ?? 0;
  values.anchor = whole("anchor");
  const positions = parameters.getAll("t").map(Number);
  for (const [place, id] of parameters.getAll("d").slice(0, 4).entries()) {
    const position = Number.isFinite(positions[place]) ? positions[place] : 0;
    if (values.directions.some(direction => direction.id === id)) continue;
    values.directions.push({ id, position: Math.min(6, Math.max(-6, position)) });
  }
  values.query = oneOf("query", ["axis", "local"]);
  values.control = oneOf("control", ["random", "none"]);
  values.map = oneOf("map", ["pca", "tsne"]);
  values.theme = oneOf("theme", ["light", "dark"]);
  values.verdict = oneOf("verdict", ["stands-out", "noise"]);
  const spacing = Number(parameters.get("spacing"));
  if (spacing >= 0.05 && spacing <= 1.5) values.spacing = spacing;
  const view = (parameters.get("view") ?? "").split(",").map(Number);
  if (view.length === 3 && view.every(Number.isFinite) && view[2] > 0) values.view = view;
  values.sort = parameters.get("sort") ?? empty.sort;
  values.filter = parameters.get("filter") ?? "";
  values.kinds = (parameters.get("kinds") ?? "").split(",").filter(Boolean);
  return { token: parameters.get("token"), values };
}
