// The list of directions: what each is worth, in columns that sort, under a line that filters. Choosing one walks along
// it; `+` walks along it as well.

import { element, eachFrame, fill } from "./elements.js";
import { columns, kindGroups, nameOf, parseFilter } from "./listing.js";
import { notice } from "./notices.js";
import { decimal, percent, probability } from "./numbers.js";

export class DirectionsView {
  #rows = new Map();
  #update = eachFrame(() => this.#show());

  constructor(root, { state, model, actions }) {
    Object.assign(this, { root, state, model, actions });
    this.filter = element("input", {
      type: "search", id: "filter", placeholder: "hat share>5 stability>0.9", autocomplete: "off", spellcheck: "false",
      "aria-describedby": "filter-help", oninput: () => state.set({ filter: this.filter.value }),
      onfocus: () => this.#update(), onblur: () => this.#update(),
      onkeydown: event => { if (event.key === "Escape" && this.filter.value) { event.stopPropagation(); this.filter.value = ""; state.set({ filter: "" }); } },
    });
    this.help = element("p", { id: "filter-help", class: "help" });
    this.kinds = element("div", { class: "kinds", role: "group", "aria-label": "Kinds of directions" },
      kindGroups.map(({ key, label }) => element("button", {
        type: "button", data: { key }, onclick: () => this.#toggleKind(key),
      }, label)));
    this.verdict = element("select", {
      id: "verdict", "aria-label": "Verdict", onchange: () => state.set({ verdict: this.verdict.value || null }),
    }, element("option", { value: "" }, "any verdict"), element("option", { value: "stands-out" }, "stands out"),
      element("option", { value: "noise" }, "noise"));
    this.head = element("tr");
    this.body = element("tbody");
    this.message = element("div");
    this.table = element("table", { class: "directions" },
      element("caption", { class: "hidden" }, "Directions of the chosen class. Choose one to walk along it."),
      element("thead", {}, this.head), this.body);
    this.count = element("span", { class: "count" });
    root.append(
      element("div", { class: "panel-head" }, element("h2", { id: "directions-title" }, "Directions"), this.count),
      element("div", { class: "filters" },
        element("label", { class: "hidden", for: "filter" }, "Filter"), this.filter, this.verdict, this.kinds),
      this.help,
      element("div", { class: "table-room", tabindex: -1 }, this.table), this.message);
    this.body.addEventListener("keydown", event => this.#key(event));
    // A move of the hand is no matter of this list.
    let walked = null;
    state.listen((changed, { directions }) => {
      const now = directions.map(direction => direction.id).join();
      if (["run", "beside", "class", "sort", "kinds", "verdict", "filter"].some(key => changed.has(key)) || now !== walked) this.#update();
      walked = now;
    });
    for (const event of ["class", "session"]) model.on(event, () => this.#update());
  }

  #toggleKind(key) {
    const { kinds } = this.state.values;
    this.state.set({ kinds: kinds.includes(key) ? kinds.filter(other => other !== key) : [...kinds, key] });
  }

  /** To the next direction of the list, or the one before. */
  step(by) {
    const list = this.model.listed;
    if (!list.length) return;
    const place = list.findIndex(direction => direction.id === this.state.values.directions[0]?.id);
    const next = list[place < 0 ? 0 : (place + by + list.length) % list.length];
    this.actions.chooseDirection(next.id);
    this.#rows.get(next.id)?.root.scrollIntoView({ block: "nearest" });
  }

  #show() {
    const { model, state } = this;
    const { values } = state;
    if (document.activeElement !== this.filter) this.filter.value = values.filter;
    this.verdict.value = values.verdict ?? "";
    const all = model.directions;
    const present = new Set(all.map(direction => direction.kind));
    for (const button of this.kinds.children) {
      const group = kindGroups.find(({ key }) => key === button.dataset.key);
      button.hidden = !group.kinds.some(kind => present.has(kind));
      button.setAttribute("aria-pressed", values.kinds.includes(group.key));
    }
    const { problem } = parseFilter(values.filter);
    this.help.textContent = problem ?? `Words, and ${Object.keys(columns).join(", ")} with < or >.`;
    this.help.classList.toggle("problem", problem !== null);
    this.help.hidden = problem === null && document.activeElement !== this.filter;

    const hasPartners = model.matches !== null;
    this.#showHead(hasPartners);
    const list = model.listed;
    this.count.textContent = model.left
      ? (list.length === all.length ? `${all.length}` : `${list.length} of ${all.length}`) : "";
    const largest = Math.max(...list.map(direction => direction.share?.upper ?? 0), 1e-9);
    const active = values.directions[0]?.id;
    const tabStop = list.some(direction => direction.id === active) ? active : list[0]?.id;
    const rows = list.map((direction, place) => this.#row(direction, place, { hasPartners, largest, tabStop }));
    for (const id of this.#rows.keys()) if (!list.some(direction => direction.id === id)) this.#rows.delete(id);
    if (rows.length !== this.body.children.length || rows.some((row, place) => this.body.children[place] !== row)) {
      const focused = this.body.contains(document.activeElement) ? document.activeElement : null;
      fill(this.body, rows);
      focused?.focus({ preventScroll: true });
    }
    this.table.hidden = list.length === 0;
    fill(this.message, list.length === 0 && model.left ? notice({
      title: all.length ? "No direction passes the filter" : "This class has no directions",
      text: all.length ? null : "It has too few training images. Choose another class.",
      action: all.length ? {
        label: "Show all", act: () => state.set({ filter: "", kinds: [], verdict: null }),
      } : null,
    }) : null);
  }

  #showHead(hasPartners) {
    const { sort } = this.state.values;
    const shown = [
      ["rank", "#", "In their own order"], ["name", "Direction", "By name"],
      ["verdict", "●", "Verdict: those that stand out from noise first"],
      ...Object.entries(columns).filter(([key]) => key !== "match" || hasPartners)
        .map(([key, { label, title }]) => [key, label, title]),
    ];
    const key = JSON.stringify([sort, hasPartners]);
    if (this.headKey === key) return;
    this.headKey = key;
    const focusedKey = this.head.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    fill(this.head, shown.map(([column, label, title]) => {
      const isThis = sort.replace("-", "") === column;
      const falls = sort.startsWith("-");
      // Numbers fall first, because the large ones are looked for.
      const next = isThis ? (falls ? column : "-" + column) : column in columns ? "-" + column : column;
      return element("th", { scope: "col", class: `column-${column}${column === "rank" ? " place" : ""}`, "aria-sort": isThis ? (falls ? "descending" : "ascending") : null },
        element("button", {
          type: "button", title, "aria-label": column === "verdict" ? "Verdict" : column === "rank" ? "Place" : null, data: { key: column },
          onclick: () => this.state.set({ sort: next }),
        }, label,
          element("span", { class: "arrow", "aria-hidden": "true" }, isThis ? (falls ? "↓" : "↑") : "")));
    }), element("th", { scope: "col", class: "column-act" }, element("span", { class: "hidden" }, "Actions")));
    if (focusedKey) this.head.querySelector(`[data-key="${focusedKey}"]`)?.focus();
  }

  #row(direction, place, { hasPartners, largest, tabStop }) {
    const { id } = direction;
    const walked = this.state.values.directions.findIndex(other => other.id === id);
    const partner = hasPartners ? this.model.partner(id) : null;
    const key = JSON.stringify([direction, place, hasPartners, largest, partner]);
    let row = this.#rows.get(id);
    if (!row || row.key !== key) {
      const made = this.#makeRow(direction, place, { hasPartners, largest, partner });
      if (row) row.root.replaceWith(made.root);
      row = { ...made, key };
      this.#rows.set(id, row);
    }
    row.root.classList.toggle("chosen", walked === 0);
    row.root.classList.toggle("also", walked > 0);
    row.choose.setAttribute("aria-pressed", walked >= 0);
    for (const button of row.root.querySelectorAll("button")) button.tabIndex = id === tabStop ? 0 : -1;
    row.add.textContent = walked >= 0 ? "−" : "+";
    row.add.title = walked >= 0 ? "Not along this one" : "Walk along this one as well";
    row.add.setAttribute("aria-label", `${row.add.title}: ${nameOf(direction)}`);
    return row.root;
  }

  #makeRow(direction, place, { hasPartners, largest, partner }) {
    const { id } = direction;
    const choose = element("button", {
      type: "button", class: "choose", title: [nameOf(direction), kindText(direction), id, direction.note].filter(Boolean).join("\n"),
      onclick: () => this.actions.chooseDirection(id),
    }, nameOf(direction));
    const add = element("button", { type: "button", class: "quiet", onclick: () => this.actions.toggleDirection(id) });
    const edit = this.model.canWrite && element("button", {
      type: "button", class: "quiet", title: "Name, note and range (e)", "aria-label": `Name, note and range of ${nameOf(direction)}`,
      onclick: () => this.actions.edit(id),
    }, "✎");
    const numeric = (name, content) => element("td", { class: `number column-${name}` }, content ?? empty());
    const root = element("tr", { onclick: event => { if (!event.target.closest("button")) this.actions.chooseDirection(id); } },
      element("td", { class: "number place" }, `${place + 1}`),
      element("th", { scope: "row", class: "what" }, choose,
        element("span", { class: `kind ${direction.kind}` }, kindText(direction))),
      element("td", { class: "column-verdict" }, verdictMark(direction)),
      numeric("share", direction.share && shareBar(direction.share, largest)),
      numeric("stability", direction.stability && element("span", { title: stabilityTitle(direction) }, decimal(direction.stability.value, 2))),
      numeric("visible", direction.visibleShare != null ? probability(direction.visibleShare) : null),
      numeric("margin", direction.margin && element("span", { title: marginTitle(direction) },
        direction.margin.value == null ? "never" : `${decimal(direction.margin.value, 1)}σ`)),
      hasPartners ? numeric("match", partner && element("span", { class: partner.found ? null : "chance", title: partnerTitle(partner) },
        decimal(Math.abs(partner.correlation), 2))) : null,
      element("td", { class: "column-act" }, edit, add));
    return { root, choose, add };
  }

  #key(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.step(by);
    this.#rows.get(this.state.values.directions[0]?.id)?.choose.focus();
  }
}

const empty = () => element("span", { class: "none" }, "–");

function kindText({ kind, name, title, mine }) {
  if (kind === "draft") return "draft, not saved";
  if (name) return title;
  return kind === "principal" ? "" : kind.replace("-", " ") + (mine && kind !== "own" ? ", own" : "");
}

/** A filled mark and words, so that neither colour nor shape alone carries the verdict. */
function verdictMark({ verdict, pValue }) {
  if (verdict == null) return empty();
  const standsOut = verdict === "stands-out";
  return element("span", {
    class: standsOut ? "verdict stands-out" : "verdict noise",
    title: (standsOut ? "Stands out from noise" : "No more than noise") + (pValue == null ? "" : `, p ≤ ${pValue}`),
  }, element("span", { class: "hidden" }, standsOut ? "stands out" : "noise"));
}

function shareBar({ value, lower, upper }, largest) {
  return element("span", { class: "share", title: `${percent(value)}, 95 % interval ${percent(lower)} to ${percent(upper)}` },
    element("span", { class: "bar", "aria-hidden": "true", style: { "--value": value / largest, "--lower": lower / largest, "--upper": upper / largest } }),
    percent(value));
}

function stabilityTitle({ stability, group }) {
  return `mean |cos| ${decimal(stability.value, 3)}, 90 % of the splits from ${decimal(stability.lower, 2)} to ${decimal(stability.upper, 2)}`
    + (group && group[1] > group[0] ? `; directions ${group[0]} to ${group[1]} cannot be told apart` : "");
}

function marginTitle({ margin, survivors }) {
  const bound = value => value == null ? "never" : `${decimal(value, 1)}σ`;
  return `Median ${bound(margin.value)} to a change of class, interval ${bound(margin.lower)} to ${bound(margin.upper)}`
    + (survivors ? `; ${percent(survivors.value)} of the images keep their class from −3 to +3σ` : "");
}

function partnerTitle(partner) {
  return `${partner.direction ? nameOf(partner.direction) : partner.second}, r = ${decimal(partner.correlation, 2)}`
    + (partner.found ? "" : ": no more than chance");
}
