// The walk: an anchor image, sliders for one direction or several, and for one run or two the images that lie where the
// hand is, their control, and the probabilities along the way. One hand moves both runs.

import { Asker } from "./asker.js";
import { Chart } from "./chart.js";
import { element, eachFrame, fill } from "./elements.js";
import { ImageCanvas, sharpSide } from "./images.js";
import { nameOf } from "./listing.js";
import { decimal, percent, probability, sigmas } from "./numbers.js";
import { notice, problemNotice } from "./notices.js";
import { Slider, limit, stepped } from "./slider.js";
import { Strip } from "./strip.js";

export class WalkView {
  #sliders = new Map();
  #order = [];
  #halves = [];
  #anchor = null;
  #update = eachFrame(() => this.#show());

  constructor(root, { state, model, actions }) {
    Object.assign(this, { root, state, model, actions });
    this.anchorPlace = element("div", { class: "anchor" });
    this.settings = element("div", { class: "settings" });
    this.sliderPlace = element("div", { class: "sliders", role: "group", "aria-label": "Position of the hand" });
    this.halvesPlace = element("div", { class: "halves" });
    this.message = element("div", { class: "walk-message" });
    root.append(
      element("h2", { id: "walk-title" }, "Walk"), this.anchorPlace, this.settings, this.message, this.sliderPlace,
      this.halvesPlace);
    state.listen(() => this.#update());
    model.on("class", () => this.#update());
    model.on("session", () => this.#update());
    model.on("walk", () => this.#update());
    const observer = new ResizeObserver(() => this.#fit());
    for (const place of [root, this.halvesPlace]) observer.observe(place);
  }

  // What the keyboard does

  get active() { return this.state.values.directions[0] ?? null; }

  /** Moves the slider in the hand by so many σ. */
  step(by) {
    if (this.active) this.move(this.active.id, stepped(this.active.position, by));
  }

  move(id, position) {
    const directions = this.state.values.directions;
    if (!directions.some(direction => direction.id === id)) return;
    this.state.set({
      directions: directions.map(direction => direction.id === id ? { id, position } : direction),
    });
  }

  take(id) {
    const directions = this.state.values.directions;
    const taken = directions.find(direction => direction.id === id);
    if (!taken || directions[0] === taken) return;
    this.state.set({ directions: [taken, ...directions.filter(direction => direction !== taken)] });
  }

  takeNext() {
    const place = this.#order.indexOf(this.active?.id);
    if (place >= 0) this.take(this.#order[(place + 1) % this.#order.length]);
  }

  remove(id) {
    const directions = this.state.values.directions.filter(direction => direction.id !== id);
    if (directions.length) this.state.set({ directions });
  }

  nextAnchor(by) {
    const anchors = this.model.left?.anchors ?? [];
    if (!anchors.length) return;
    const place = anchors.indexOf(this.state.values.anchor);
    this.state.set({ anchor: anchors[place < 0 ? 0 : (place + by + anchors.length) % anchors.length] });
  }

  // Showing

  #fit() {
    for (const half of this.#halves) half.fit();
    if (this.#halves.length !== 1 || getComputedStyle(this.root).overflowY !== "auto") return;
    // One walk alone in a panel of its own: what is left of its height goes to the chart.
    const { chart } = this.#halves[0];
    const bottom = chart.root.getBoundingClientRect().bottom - this.root.getBoundingClientRect().top + this.root.scrollTop;
    chart.fitHeight(this.root.clientHeight - bottom - 12);
  }

  #show() {
    const { model, state } = this;
    const { values } = state;
    const isThere = model.images !== null && model.left !== null;
    this.root.classList.toggle("pending", !isThere);
    this.#showMessage();
    this.sliderPlace.hidden = this.halvesPlace.hidden = this.settings.hidden = this.anchorPlace.hidden = !isThere;
    if (!isThere) return;
    this.#showAnchor();
    this.#showSettings();
    this.#showSliders();
    const sides = values.beside != null && model.isReady(values.beside) ? ["left", "right"] : ["left"];
    if (this.#halves.length !== sides.length) {
      for (const half of this.#halves.splice(sides.length)) half.close();
      while (this.#halves.length < sides.length) this.#halves.push(new Half(sides[this.#halves.length], this));
      fill(this.halvesPlace, this.#halves.map(half => half.root));
      this.halvesPlace.classList.toggle("two", sides.length === 2);
      this.#fit();
    }
    for (const half of this.#halves) half.show();
  }

  #showMessage() {
    const { model, state } = this;
    const run = model.run(state.values.run);
    if (model.problem) return fill(this.message, problemNotice(model.problem, () => model.load()));
    if (model.left?.anchors.length === 0 && state.values.anchor == null) {
      return fill(this.message, notice({
        title: "No anchor yet",
        text: `No test image of “${model.classes[model.left.class]}” is recognised by this run. Click any image on the map to start from it.`,
      }));
    }
    if (model.left && model.directions.length === 0) {
      return fill(this.message, notice({
        title: "No directions", text: "This class has too few training images for directions of its own. Choose another class.",
      }));
    }
    if (model.left || !run) return fill(this.message);
    fill(this.message, run.state === "ready" ? notice({ title: "Reading the directions …" }) : null);
  }

  #showAnchor() {
    const { model, state } = this;
    const { anchor } = state.values;
    if (!this.anchorImage) {
      this.anchorImage = new ImageCanvas(model.images, sharpSide(model.images.size, 72));
      this.anchorText = element("p", { class: "anchor-text" });
      const button = (label, text, by) => element("button", {
        type: "button", class: "quiet", "aria-label": label, title: label, onclick: () => this.nextAnchor(by),
      }, text);
      this.classPicker = element("select", {
        id: "class-picker", onchange: () => this.actions.chooseClass(Number(this.classPicker.value)),
      });
      fill(this.anchorPlace,
        element("span", { class: "frame anchor" }, this.anchorImage.canvas),
        element("div", { class: "anchor-words" },
          element("div", { class: "anchor-line" },
            element("label", { for: "class-picker" }, "Class"), this.classPicker,
            button("Previous anchor (p)", "‹", -1), button("Next anchor (n)", "›", 1)),
          this.anchorText));
    }
    if (this.classPicker.options.length !== model.classes.length) {
      fill(this.classPicker, model.classes.map((name, index) => element("option", { value: index }, name)));
    }
    this.classPicker.value = state.values.class;
    this.anchorImage.show(anchor);
    const key = `${state.values.run}/${anchor}`;
    if (anchor == null) {
      this.#anchor = null;
      fill(this.anchorText);
    } else if (this.#anchor !== key) {
      this.#anchor = key;
      fill(this.anchorText, `Anchor: image ${anchor}`);
      model.source.details(state.values.run, anchor).then(details => {
        if (this.#anchor !== key) return;
        const factors = Object.entries(details.factors ?? {}).filter(([, value]) => value !== 0)
          .map(([name, value]) => value === 1 ? name : `${name} ${Number.isInteger(value) ? value : decimal(value, 2)}`);
        fill(this.anchorText, `Anchor: image ${anchor}, ${model.classes[details.label]}, predicted `,
          element("span", { class: details.label === details.predicted ? null : "wrong" },
            `${model.classes[details.predicted]} ${probability(details.confidence)}`),
          details.label === this.model.left?.class ? null : element("button", {
            type: "button", class: "link", onclick: () => this.actions.chooseClass(details.label, anchor),
          }, `directions of ${model.classes[details.label]}`),
          factors.length ? element("span", { class: "factors", title: factors.join("\n") }, factors.join(" · ")) : null);
      }, () => {});
    }
  }

  #showSettings() {
    const { state, model } = this;
    if (!this.queryButtons) {
      const choice = (key, value, label, title) => element("button", {
        type: "button", title, data: { value }, onclick: () => state.set({ [key]: value }),
      }, label);
      this.queryButtons = element("div", { class: "choice", role: "group", "aria-label": "How images are found" },
        choice("query", "axis", "along the axis", "The image with the wanted projection and little else changed (q)"),
        choice("query", "local", "nearest", "The image nearest to the moved feature (q)"));
      this.spacing = element("select", {
        id: "spacing", onchange: () => state.set({ spacing: Number(this.spacing.value) }),
      }, [0.1, 0.25, 0.5, 0.75, 1].map(value => element("option", { value }, `${value}σ`)));
      this.control = element("input", {
        type: "checkbox", id: "control", onchange: () => state.set({ control: this.control.checked ? "random" : "none" }),
      });
      fill(this.settings, this.queryButtons,
        element("label", { for: "spacing" }, "Apart"), this.spacing,
        element("label", { for: "control" }, this.control, " Control"));
    }
    for (const button of this.queryButtons.children) {
      button.setAttribute("aria-pressed", button.dataset.value === state.values.query);
    }
    if (![...this.spacing.options].some(option => Number(option.value) === state.values.spacing)) {
      this.spacing.append(element("option", { value: state.values.spacing }, `${state.values.spacing}σ`));
    }
    this.spacing.value = state.values.spacing;
    this.control.checked = state.values.control !== "none";
    // A static file has one query and one spacing.
    this.queryButtons.hidden = this.spacing.hidden = this.spacing.previousElementSibling.hidden = !model.source.isLive;
  }

  #showSliders() {
    const { state, model } = this;
    const { directions, spacing } = state.values;
    const ids = directions.map(direction => direction.id);
    // Sliders keep their places, whichever is in the hand; what replaces another takes its place.
    const gone = this.#order.findIndex(id => !ids.includes(id));
    const added = ids.filter(id => !this.#order.includes(id));
    if (gone >= 0 && added.length === 1 && this.#order.length === ids.length) this.#order[gone] = added[0];
    else this.#order = [...this.#order.filter(id => ids.includes(id)), ...added];
    for (const id of this.#sliders.keys()) if (!ids.includes(id)) this.#sliders.delete(id);
    for (const id of ids) {
      if (this.#sliders.has(id)) continue;
      this.#sliders.set(id, new Slider({
        move: position => this.move(id, position), take: () => this.take(id), remove: () => this.remove(id),
      }));
    }
    const roots = this.#order.map(id => this.#sliders.get(id).root);
    if (roots.length !== this.sliderPlace.children.length
      || roots.some((root, place) => this.sliderPlace.children[place] !== root)) fill(this.sliderPlace, roots);
    const walk = model.walks.left;
    for (const { id, position } of directions) {
      const direction = model.direction(id);
      const isActive = id === ids[0];
      const isAnswered = isActive && walk?.directions[0]?.id === id;
      this.#sliders.get(id).show({
        name: direction ? nameOf(direction) : id,
        facts: direction ? factsOf(direction) : "",
        position, lower: direction?.lower ?? -limit, upper: direction?.upper ?? limit, isActive,
        isAlone: ids.length === 1, spacing,
        changes: isAnswered ? walk.chart.changes.map(({ step, to }) => ({ step, label: model.classes[to] })) : [],
        spoken: isAnswered ? `predicted ${model.classes[walk.hand.predicted]} ${probability(walk.hand.confidence)}` : null,
      });
    }
  }
}

function factsOf(direction) {
  return [
    direction.name ? direction.title : null,
    direction.share ? `${percent(direction.share.value)} of variance` : null,
    `σ = ${direction.sigma.toPrecision(3)}`,
    `data reach ${decimal(direction.lower, 1, true)} to ${decimal(direction.upper, 1, true)}`,
  ].filter(Boolean).join(" · ");
}

/** One run's part of the walk. */
class Half {
  #sign = 1;
  #asked = null;

  constructor(side, view) {
    Object.assign(this, { side, view });
    const { model, state } = view;
    this.heading = element("h3", { class: "half-title" });
    this.along = element("p", { class: "along" });
    this.message = element("div");
    const choose = row => view.actions.startFrom(row);
    this.strip = new Strip({
      images: model.images, classes: model.classes, choose, label: "Real images around the hand",
    });
    this.controlTitle = element("p", { class: "control-title" });
    this.control = new Strip({
      images: model.images, classes: model.classes, choose, label: "Control", isControl: true,
    });
    this.chart = new Chart({ classes: model.classes, move: position => view.active && view.move(view.active.id, position) });
    this.root = element("div", { class: "half", data: { side } },
      this.heading, this.along, this.message, this.strip.root, this.controlTitle, this.control.root, this.chart.root);
    this.asker = new Asker(
      ({ run, question }, signal) => model.source.walk(run, question, signal), {
        answer: (walk, { sign, run }) => {
          fill(this.message);
          if (run === this.#run) model.setWalk(side, sign < 0 ? mirrored(walk) : walk);
        },
        fail: error => {
          model.setWalk(side, null);
          fill(this.message, problemNotice(error, () => { this.#asked = null; this.show(); }));
        },
        asking: isAsking => this.root.setAttribute("aria-busy", isAsking),
        slow: isSlow => this.root.classList.toggle("slow", isSlow),
      });
    this.state = state;
  }

  get #run() { return this.side === "left" ? this.state.values.run : this.state.values.beside; }

  fit() {
    const width = this.root.clientWidth;
    if (!width) return;
    this.strip.fit(width);
    this.control.fit(width);
    this.chart.fit(width);
  }

  close() {
    this.asker.stop();
    this.view.model.setWalk(this.side, null);
  }

  show() {
    const { model } = this.view;
    const { values } = this.state;
    const run = this.#run;
    this.heading.textContent = model.run(run)?.title ?? "";
    this.#ask(run);
    const walk = model.walks[this.side];
    const classIndex = model.left.class;
    const isCurrent = walk && walk.run === run;
    this.strip.show(isCurrent ? walk.strip : null, classIndex, values.anchor);
    const control = isCurrent && values.control !== "none" ? walk.control : null;
    this.controlTitle.hidden = this.control.root.hidden = !control;
    if (control) {
      this.controlTitle.textContent = `Control: ${control.title}`;
      this.control.show(control.strip, classIndex, values.anchor);
    }
    this.chart.show(isCurrent ? walk : null, values.directions[0]?.position ?? 0, this.view.actions.isDark());
  }

  #ask(run) {
    const { model } = this.view;
    const { anchor, directions, query, spacing, control } = this.state.values;
    if (anchor == null || directions.length === 0) return;
    const isRight = this.side === "right";
    let asked = directions, notes = [];
    this.#sign = 1;
    if (isRight) {
      const found = directions.map(({ id, position }) => ({ partner: model.partner(id), id, position }));
      const lacking = found.filter(({ partner }) => !partner);
      asked = found.filter(({ partner }) => partner)
        .map(({ partner, position }) => ({ id: partner.second, position: partner.sign * position }));
      if (found[0] && !found[0].partner) {
        fill(this.along);
        this.asker.stop();
        this.#asked = null;
        if (model.walks.right) model.setWalk("right", null);
        return fill(this.message, notice({
          title: `“${model.titleOf(found[0].id)}” has no partner here`,
          text: "Principal directions are matched one to one by how they order the images; other kinds by their name. Choose a direction with a partner (column Partner in the list).",
        }));
      }
      this.#sign = found[0].partner.sign;
      notes = lacking.map(({ id }) => `without “${model.titleOf(id)}”, which has no partner`);
    }
    this.#showAlong(isRight, notes);
    const question = { anchor, directions: asked, query, spacing, control };
    const key = JSON.stringify([run, question, model.run(run)?.revision]);
    if (key === this.#asked) return;
    this.#asked = key;
    this.asker.put({ run, question, sign: this.#sign });
  }

  #showAlong(isRight, notes) {
    const { model } = this.view;
    const [{ id, position }, ...others] = this.state.values.directions;
    const name = other => model.titleOf(other);
    if (!isRight) {
      const held = others.map(other => `${name(other.id)} at ${sigmas(other.position)}`);
      return fill(this.along, "Real images around ", element("strong", {}, sigmas(position)), " along ",
        element("strong", {}, name(id)), held.length ? `, with ${held.join(", ")}` : "");
    }
    const partner = model.partner(id);
    fill(this.along, "Along its ", element("strong", {}, partner.direction ? nameOf(partner.direction) : partner.second),
      partner.sign < 0 ? ", turned around" : "", ` (r = ${decimal(Math.abs(partner.correlation), 2)}`,
      partner.found ? ")" : ", no more than chance)", notes.length ? `, ${notes.join(", ")}` : "");
  }
}

/** A walk seen from the other end, for a partner of opposite sign. */
function mirrored(walk) {
  const turn = strip => strip.map(cell => ({ ...cell, step: -cell.step, achieved: -cell.achieved })).reverse();
  const { chart } = walk;
  return {
    ...walk, strip: turn(walk.strip), control: walk.control && { ...walk.control, strip: turn(walk.control.strip) },
    chart: {
      ...chart, steps: chart.steps.map(step => -step).reverse(),
      probabilities: chart.probabilities.map(values => values.toReversed()),
      changes: chart.changes.map(({ step, from, to }) => ({ step: -step, from: to, to: from })).reverse(),
    },
  };
}
