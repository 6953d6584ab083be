// The panel around the maps: one for each run that is shown, with the choice of plane, the lasso, the legend, and a card
// for the image under the pointer.

import { announce, eachFrame, element, fill } from "./elements.js";
import { ImageCanvas, sharpSide } from "./images.js";
import { FeatureMap } from "./map.js";
import { notice, problemNotice } from "./notices.js";
import { percent, probability } from "./numbers.js";
import { GroupBar, lassoBar } from "./own.js";
import { classColors, css } from "./palette.js";

const planes = { pca: "PCA", tsne: "t-SNE" };

export class MapPanel {
  #maps = [];
  #answers = new Map();
  #isLassoing = false;
  #emphasised = null;
  #update = eachFrame(() => this.#show());

  constructor(root, { state, model, actions }) {
    Object.assign(this, { root, state, model, actions });
    const tool = (label, text, act, extra = {}) => element("button", {
      type: "button", class: "quiet", "aria-label": label, title: label, onclick: act, ...extra,
    }, text);
    this.plane = element("div", { class: "choice", role: "group", "aria-label": "Plane of the map" },
      Object.entries(planes).map(([key, label]) => element("button", {
        type: "button", data: { key }, onclick: () => state.set({ map: key, view: null }),
      }, label)));
    this.lasso = tool("Lasso: draw around images (l, or drag with Shift)", "Lasso", () => this.toggleLasso(), { "aria-pressed": false });
    this.lassoPlace = element("div", { class: "lasso-place" });
    this.mapsPlace = element("div", { class: "maps" });
    this.legend = element("ul", { class: "legend", "aria-label": "Classes" });
    this.groupBar = new GroupBar({ model, actions });
    this.card = new Card();
    root.append(
      element("div", { class: "panel-head" }, element("h2", { id: "map-title" }, "Map"), this.plane,
        element("div", { class: "tools" }, this.lasso,
          tool("Closer (+)", "+", () => this.zoom(1.5)), tool("Farther (−)", "−", () => this.zoom(1 / 1.5)),
          tool("All images (Home)", "⌂", () => this.home()))),
      this.mapsPlace, this.lassoPlace, this.legend, this.groupBar.root,
      element("p", { class: "hidden", id: "map-keys" },
        "Arrow keys go from image to image, Enter makes one the anchor, Space adds it to group A, Shift and Space to group B, plus and minus zoom, Home shows all."),
      this.card.root);
    const keys = ["run", "beside", "anchor", "map", "view", "theme"];
    state.listen(changed => { if (keys.some(key => changed.has(key))) this.#update(); });
    for (const event of ["session", "class", "groups", "walk"]) model.on(event, () => this.#update());
  }

  toggleLasso() {
    this.#isLassoing = !this.#isLassoing;
    this.lasso.setAttribute("aria-pressed", this.#isLassoing);
    for (const { map } of this.#maps) {
      map.isLassoing = this.#isLassoing;
      map.canvas.classList.toggle("lassoing", this.#isLassoing);
    }
  }

  zoom(factor) { for (const { map } of this.#maps) map.zoom(factor); }
  home() { for (const { map } of this.#maps) map.home(); }
  focus() { this.#maps[0]?.map.canvas.focus(); }

  #show() {
    const { model, state } = this;
    const { values } = state;
    if (!model.images) return;
    if (!this.listensToImages) {
      this.listensToImages = true;
      model.images.onArrival(() => { for (const { map } of this.#maps) map.redraw(); });
    }
    const runs = [values.run, values.beside].filter(run => run != null && model.run(run)?.maps?.length);
    while (this.#maps.length > runs.length) this.#maps.pop().root.remove();
    while (this.#maps.length < runs.length) this.#add();
    this.mapsPlace.classList.toggle("two", runs.length === 2);
    const available = new Set(runs.flatMap(run => model.run(run).maps));
    for (const button of this.plane.children) {
      button.setAttribute("aria-pressed", button.dataset.key === values.map);
      button.disabled = !available.has(button.dataset.key);
      button.title = button.disabled ? "isda analyze has not made this map" : "";
    }
    for (const [place, run] of runs.entries()) this.#showMap(this.#maps[place], run, place);
    this.#showLegend();
  }

  #add() {
    const side = this.#maps.length === 0 ? "left" : "right";
    const caption = element("figcaption", {});
    const message = element("div", { class: "map-message" });
    const entry = { caption, message };
    entry.map = new FeatureMap({
      hover: (index, x, y) => this.#hover(entry, index, x, y),
      choose: index => this.actions.chooseAnchor(entry.answer.rows[index]),
      lasso: places => this.#lassoed(places.map(place => entry.answer.rows[place])),
      collect: (index, group) => this.#collect(entry.answer.rows[index], group),
      move: view => { if (side === "left") this.state.set({ view }); },
    }, "Map of the test images");
    entry.root = element("figure", { class: "map", data: { side } }, element("div", { class: "map-room" }, entry.map.canvas, message), caption);
    this.#maps.push(entry);
    this.mapsPlace.append(entry.root);
  }

  #showMap(entry, run, place) {
    const { model, state } = this;
    const { values } = state;
    const kinds = model.run(run).maps;
    const kind = kinds.includes(values.map) ? values.map : kinds[0];
    const key = `${run}/${kind}`;
    if (entry.key !== key) {
      entry.key = key;
      entry.answer = null;
      entry.map.show(null, { images: model.images, classCount: model.classes.length, dark: this.actions.isDark() });
      fill(entry.message, notice({ title: "Reading the map …" }));
      this.#fetch(run, kind).then(answer => {
        if (entry.key !== key) return;
        entry.answer = answer;
        fill(entry.message);
        this.#update();
      }, error => { if (entry.key === key) fill(entry.message, problemNotice(error, () => { entry.key = null; this.#update(); })); });
      entry.map.view = place === 0 ? values.view : null;
    }
    if (place === 0 && JSON.stringify(values.view ?? [0, 0, 1]) !== JSON.stringify(Object.values(entry.map.view))) entry.map.view = values.view;
    const shares = entry.answer?.shares;
    const title = model.run(run).title;
    fill(entry.caption, this.#maps.length === 2 ? element("strong", {}, title) : null, " ",
      kind === "pca" ? (shares ? `→ component 1 (${percent(shares[0])}), ↑ component 2 (${percent(shares[1])} of the variance)` : "")
        : "similar features lie near; distances between groups mean nothing");
    entry.map.canvas.setAttribute("aria-label",
      `Map of ${entry.answer?.count ?? 0} test images, ${planes[kind]}, ${title}`);
    if (!entry.answer) return;
    entry.map.show(entry.answer, { images: model.images, classCount: model.classes.length, dark: this.actions.isDark() });
    const walk = model.walks[place === 0 ? "left" : "right"];
    entry.map.mark({
      anchor: values.anchor, walk: walk?.run === run ? walk.strip.map(cell => cell.row) : [], groups: model.groups,
    });
  }

  #fetch(run, kind) {
    const key = `${run}/${kind}`;
    if (!this.#answers.has(key)) {
      const wish = this.model.source.map(run, kind);
      wish.catch(() => this.#answers.delete(key));
      this.#answers.set(key, wish);
    }
    return this.#answers.get(key);
  }

  #showLegend() {
    const { classes } = this.model;
    const key = JSON.stringify([classes, this.actions.isDark(), this.#emphasised]);
    if (this.legendKey === key) return;
    this.legendKey = key;
    const colors = classColors(classes.length, this.actions.isDark());
    const focused = this.legend.contains(document.activeElement) ? document.activeElement.dataset.index : null;
    fill(this.legend, classes.map((name, index) => element("li", {}, element("button", {
      type: "button", data: { index }, "aria-pressed": this.#emphasised === index, title: `Show where “${name}” lies`,
      onclick: () => {
        this.#emphasised = this.#emphasised === index ? null : index;
        for (const { map } of this.#maps) map.emphasise(this.#emphasised);
        this.#showLegend();
      },
    }, element("span", { class: "swatch", style: { "background-color": css(colors[index]) } }), name))));
    if (focused !== null) this.legend.querySelector(`[data-index="${focused}"]`)?.focus();
  }

  #lassoed(rows) {
    if (this.#isLassoing) this.toggleLasso();
    if (rows.length === 0) {
      fill(this.lassoPlace);
      return announce("The lasso caught no image.");
    }
    const bar = this.model.canWrite ? lassoBar({ rows, model: this.model, done: () => fill(this.lassoPlace) })
      : element("p", { class: "help" }, `${rows.length} images. A static file makes no directions of groups.`);
    fill(this.lassoPlace, bar);
    bar.querySelector("button")?.focus({ preventScroll: true });
    announce(`${rows.length} images caught.`);
  }

  #collect(row, group) {
    const rows = this.model.groups[group];
    const isIn = rows.includes(row);
    this.model.setGroup(group, isIn ? rows.filter(other => other !== row) : [...rows, row]);
    announce(`Image ${row} ${isIn ? "out of" : "in"} group ${group.toUpperCase()}.`);
  }

  #hover(entry, index, x, y) {
    if (index < 0 || !entry.answer) return this.card.hide();
    const { rows, labels, predicted, confidence } = entry.answer;
    const { classes } = this.model;
    const facts = {
      row: rows[index], label: classes[labels[index]], predicted: classes[predicted[index]],
      confidence: confidence[index], isWrong: labels[index] !== predicted[index],
    };
    const box = entry.map.canvas.getBoundingClientRect(), home = this.root.getBoundingClientRect();
    this.card.show(facts, this.model.images, x + box.left - home.left, y + box.top - home.top, home.width);
    if (document.activeElement === entry.map.canvas) announce(`Image ${facts.row}, ${facts.label}, predicted ${facts.predicted} ${probability(facts.confidence)}`);
  }
}

/** What an image is, beside the pointer. */
class Card {
  constructor() {
    this.words = element("div", { class: "card-words" });
    this.root = element("div", { class: "card", hidden: true, "aria-hidden": "true" }, this.words);
  }

  show({ row, label, predicted, confidence, isWrong }, images, x, y, width) {
    if (!this.image) {
      this.image = new ImageCanvas(images, sharpSide(images.size, 128));
      this.root.prepend(this.image.canvas);
    }
    this.image.show(row);
    fill(this.words, element("strong", {}, label),
      element("span", { class: isWrong ? "wrong" : null }, `predicted ${predicted} ${probability(confidence)}`),
      element("span", { class: "faint" }, `image ${row}`));
    this.root.hidden = false;
    const isRight = x > width / 2;
    this.root.style.setProperty("left", `${isRight ? x - this.root.offsetWidth - 22 : x + 22}px`);
    this.root.style.setProperty("top", `${Math.max(4, y - this.root.offsetHeight / 2)}px`);
  }

  hide() { this.root.hidden = true; }
}
