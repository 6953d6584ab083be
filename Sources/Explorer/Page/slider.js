// A slider from −6 to +6 standard deviations, with what there is to know before one moves it: how far the data reach,
// which stretch the strip shows, and where the predicted class changes.

import { element, fill } from "./elements.js";
import { decimal, sigmas } from "./numbers.js";

export const limit = 6;
const fraction = position => (Math.min(limit, Math.max(-limit, position)) + limit) / (2 * limit);

export class Slider {
  /** @param {object} actions `move(position)`, `take()` to make it the active one, `remove()` or null */
  constructor(actions) {
    this.actions = actions;
    this.name = element("span", { class: "slider-name" });
    this.facts = element("span", { class: "facts" });
    this.take = element("button", { class: "slider-take", type: "button", onclick: () => actions.take() }, this.name);
    this.number = element("input", {
      class: "slider-number", type: "number", min: -limit, max: limit, step: 0.1, inputmode: "decimal",
      onchange: () => {
        const value = Number(this.number.value);
        actions.move(Number.isFinite(value) ? Math.min(limit, Math.max(-limit, value)) : 0);
      },
    });
    this.home = element("button", {
      class: "quiet", type: "button", onclick: () => actions.move(0), title: "Back to the anchor (0)",
    }, "to 0");
    this.away = element("button", {
      class: "quiet", type: "button", title: "Take this direction out of the walk (x)", onclick: () => actions.remove(),
    }, "×");
    this.range = element("input", {
      type: "range", min: -limit, max: limit, step: 0.02, class: "slider-range",
      oninput: () => actions.move(Number(this.range.value)),
      onpointerdown: () => actions.take(),
      onkeydown: event => this.#key(event),
    });
    this.reach = element("span", { class: "track-reach" });
    this.window = element("span", { class: "track-window" });
    this.changes = element("span", { class: "track-changes" });
    const ticks = [];
    for (let step = -limit; step <= limit; step++) {
      ticks.push(element("span", {
        class: step % 3 === 0 ? "tick major" : "tick", style: { "--at": fraction(step) },
      }, step % 3 === 0 ? decimal(step, 0, true) : null));
    }
    this.root = element("div", { class: "slider" },
      element("div", { class: "slider-head" }, this.take, this.facts, this.number,
        element("span", { class: "unit", "aria-hidden": "true" }, "σ"), this.home, this.away),
      element("div", { class: "track" },
        element("div", { class: "track-drawing", "aria-hidden": "true" },
          element("span", { class: "track-line" }), this.reach, this.window, ticks, this.changes),
        this.range));
  }

  #key(event) {
    const step = { ArrowLeft: -0.1, ArrowDown: -0.1, ArrowRight: 0.1, ArrowUp: 0.1, PageDown: -1, PageUp: 1 }[event.key];
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.actions.take();
    this.actions.move(stepped(this.position, event.shiftKey ? Math.sign(step) : step));
  }

  show({ name, facts, position, lower, upper, isActive, isAlone, spacing, changes, spoken }) {
    this.position = position;
    this.name.textContent = name;
    this.facts.textContent = facts;
    this.take.title = isActive ? "" : "Take this slider into the hand";
    this.take.setAttribute("aria-pressed", isActive);
    this.root.classList.toggle("active", isActive);
    this.away.hidden = isAlone;
    if (document.activeElement !== this.number) this.number.value = Number(position.toFixed(2));
    this.number.setAttribute("aria-label", `Position along ${name}, in standard deviations`);
    this.home.setAttribute("aria-label", `Set ${name} to 0`);
    this.away.setAttribute("aria-label", `Take ${name} out of the walk`);
    this.range.value = position;
    this.range.setAttribute("aria-label", `Along ${name}`);
    this.range.setAttribute("aria-valuetext", `${sigmas(position)}${spoken ? ", " + spoken : ""}`);
    place(this.reach, lower, upper);
    this.window.hidden = !isActive;
    place(this.window, position - 4 * spacing, position + 4 * spacing);
    fill(this.changes, changes.map(({ step, label }) =>
      element("span", { class: "track-change", style: { "--at": fraction(step) }, data: { label } })));
  }
}

function place(mark, from, to) {
  mark.style.setProperty("--from", fraction(from));
  mark.style.setProperty("--to", fraction(to));
}

/** A step on the grid of its own size, so that keys land on round numbers. */
export function stepped(position, step) {
  const size = Math.abs(step);
  const moved = Math.round(position / size * 1e6) / 1e6;
  const next = step > 0 ? Math.floor(moved + 1) : Math.ceil(moved - 1);
  return Math.min(limit, Math.max(-limit, Number((next * size).toFixed(6))));
}
