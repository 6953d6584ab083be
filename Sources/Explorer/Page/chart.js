// The predicted probabilities along the whole way of the hand, −6 to +6, on the same scale as the slider above; where the
// class changes stands a line with both names. The chart can be dragged like the slider.

import { classColors, css } from "./palette.js";
import { element, fill } from "./elements.js";
import { decimal, probability, sigmas } from "./numbers.js";
import { limit } from "./slider.js";

const inset = 10;
const [top, bottom] = [18, 20];
const [least, most] = [104, 240];

export class Chart {
  #data = null;
  #width = 600;
  #height = least;

  /** @param {object} options `classes`, `move(position)` */
  constructor({ classes, move }) {
    this.classes = classes;
    this.drawing = element("svg:svg", { role: "img", class: "chart-drawing", height: top + least + bottom });
    this.legend = element("p", { class: "chart-legend" });
    this.root = element("div", { class: "chart" }, this.legend, this.drawing);
    const at = event => {
      const box = this.drawing.getBoundingClientRect();
      const share = (event.clientX - box.left - inset) / (box.width - 2 * inset);
      move(Math.min(limit, Math.max(-limit, Math.round((share * 2 - 1) * limit * 50) / 50)));
    };
    this.drawing.addEventListener("pointerdown", event => {
      if (event.button !== 0) return;
      this.drawing.setPointerCapture(event.pointerId);
      at(event);
    });
    this.drawing.addEventListener("pointermove", event => {
      if (this.drawing.hasPointerCapture(event.pointerId)) at(event);
    });
  }

  fit(width) {
    if (Math.abs(width - this.#width) < 1) return;
    this.#width = width;
    this.#draw();
  }

  /** Grows, or shrinks again, by so many pixels. */
  fitHeight(spare) {
    const height = Math.round(Math.min(most, Math.max(least, this.#height + spare)));
    if (height === this.#height) return;
    this.#height = height;
    this.drawing.setAttribute("height", top + height + bottom);
    this.#draw();
  }

  /** @param {object} walk an answer @param {number} position of the hand now @param {boolean} dark */
  show(walk, position, dark) {
    this.#data = walk && { walk, position, dark };
    this.#draw();
  }

  #draw() {
    this.root.hidden = !this.#data;
    if (!this.#data) {
      fill(this.drawing);
      fill(this.legend);
      return;
    }
    const { walk: { chart, hand }, position, dark } = this.#data;
    const { steps, classes, probabilities, changes } = chart;
    const width = this.#width, height = this.#height;
    const toX = step => inset + (step + limit) / (2 * limit) * (width - 2 * inset);
    const toY = value => top + (1 - value) * height;
    const colors = classColors(this.classes.length, dark);
    const name = index => this.classes[index];

    const grid = [0, 0.5, 1].map(value => element("svg:g", { class: "grid" },
      element("svg:line", { x1: inset, x2: width - inset, y1: toY(value), y2: toY(value) }),
      value > 0 ? element("svg:text", { x: width - inset, y: toY(value) - 3, "text-anchor": "end" }, `${value * 100} %`) : null));
    const axis = [];
    for (let step = -limit; step <= limit; step += width < 420 ? 3 : 1) {
      axis.push(element("svg:text", { class: "axis", x: toX(step), y: top + height + 14, "text-anchor": "middle" },
        decimal(step, 0, true)));
    }
    const lines = classes.map((index, order) => {
      const path = probabilities[order].map((value, k) => `${k ? "L" : "M"}${toX(steps[k]).toFixed(1)} ${toY(value).toFixed(1)}`);
      return element("svg:path", { d: path.join(""), class: "line", style: { stroke: css(colors[index]) } });
    });
    // A class's name stands where it is most probable, if it leads anywhere, and clear of the others' names.
    const taken = [];
    const labels = classes.map((index, order) => {
      const values = probabilities[order];
      const leads = k => probabilities.every(other => other[k] <= values[k]);
      const best = longestRun(values.map((_, k) => leads(k)));
      if (best === null) return null;
      const middle = toX((steps[best[0]] + steps[best[1]]) / 2);
      const room = toX(steps[best[1]]) - toX(steps[best[0]]);
      if (room < 7 * name(index).length || taken.some(x => Math.abs(x - middle) < 40)) return null;
      taken.push(middle);
      return element("svg:text", {
        class: "name", x: middle, y: top - 6, "text-anchor": "middle",
      }, element("svg:tspan", { style: { fill: css(colors[index]) } }, "● "), name(index));
    });
    const marks = changes.map(({ step }) => element("svg:line", {
      class: "change", x1: toX(step), x2: toX(step), y1: top, y2: toY(0),
    }));
    const handX = toX(position);
    const nearest = steps.reduce((best, step, k) => Math.abs(step - position) < Math.abs(steps[best] - position) ? k : best, 0);
    const dots = classes.map((index, order) => element("svg:circle", {
      class: "at-hand", cx: toX(steps[nearest]), cy: toY(probabilities[order][nearest]), r: 3.5, style: { fill: css(colors[index]) },
    }));
    fill(this.drawing, grid, axis, marks, lines, labels,
      element("svg:line", { class: "hand", x1: handX, x2: handX, y1: top - 2, y2: toY(0) + 4 }),
      Math.abs(steps[nearest] - position) < 0.13 ? dots : []);
    this.drawing.setAttribute("viewBox", `0 0 ${width} ${top + height + bottom}`);
    this.drawing.setAttribute("width", width);

    const changed = changes.map(({ step, from, to }) => `${name(from)} → ${name(to)} at ${sigmas(step, 2)}`);
    fill(this.legend,
      element("strong", {}, `${name(hand.predicted)} ${probability(hand.confidence)}`), ` at ${sigmas(position)}`,
      element("span", { class: "changes" }, changed.length ? changed.join(" · ") : "the class does not change from −6 to +6"));
    this.drawing.setAttribute("aria-label",
      `Predicted probabilities from −6 to +6σ. At ${sigmas(position)}: ${name(hand.predicted)} ${probability(hand.confidence)}. `
      + (changed.length ? `The class changes: ${changed.join(", ")}.` : "The class does not change."));
  }
}

/** First and last place of the longest run of true; null if there is none. */
function longestRun(flags) {
  let best = null, start = null;
  flags.forEach((flag, k) => {
    if (flag && start === null) start = k;
    if (flag && (best === null || k - start > best[1] - best[0])) best = [start, k];
    if (!flag) start = null;
  });
  return best;
}
