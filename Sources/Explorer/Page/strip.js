// A strip of real images: each in the frame that says what the network took it for (as in the figures), below it how far
// it truly lies along the direction and how far off it. The strip keeps its cells and only shows other images in them.

import { ImageCanvas, sharpSide } from "./images.js";
import { element } from "./elements.js";
import { decimal, probability } from "./numbers.js";

const cellCount = 9;

export class Strip {
  #cells = [];
  #side = 32;

  /** @param {object} options `images`, `classes`, `label` for screen readers, `choose(row)`, `isControl` */
  constructor({ images, classes, label, choose, isControl = false }) {
    Object.assign(this, { images, classes });
    this.root = element("ol", { class: isControl ? "strip control" : "strip", "aria-label": label });
    for (let place = 0; place < cellCount; place++) {
      const image = new ImageCanvas(images, this.#side);
      const achieved = element("span", { class: "achieved" });
      const off = element("span", { class: "off" });
      const what = element("span", { class: "what" });
      const frame = element("span", { class: "frame" }, image.canvas);
      const button = element("button", {
        type: "button", class: "cell", onclick: () => button.row != null && choose(button.row),
      }, frame, achieved, off, what);
      const item = element("li", { class: place === 4 ? "middle" : null }, button);
      this.#cells.push({ item, button, image, frame, achieved, off, what });
      this.root.append(item);
    }
  }

  /** Fits the images into a width. */
  fit(width) {
    // The largest images, and then the most room between them.
    const sideWith = gap => Math.max(12, sharpSide(this.images.size, Math.min(160, (width - 8 * gap) / 9)));
    const largest = sideWith(3);
    const gap = [12, 9, 6, 4, 3].find(gap => sideWith(gap) === largest) ?? 3;
    this.#side = largest;
    this.root.style.setProperty("--gap", `${gap}px`);
    this.root.style.setProperty("--side", `${this.#side}px`);
    this.root.classList.toggle("narrow", this.#side < 52);
    for (const cell of this.#cells) cell.image.resize(this.#side);
  }

  /** @param {object[]|null} strip cells of an answer @param {number} classIndex whose walk it is */
  show(strip, classIndex, anchor) {
    // Fewer than nine only where images ran out.
    for (const [place, cell] of this.#cells.entries()) {
      const data = strip?.[place] ?? null;
      cell.item.classList.toggle("empty", data === null);
      cell.button.disabled = data === null;
      cell.button.row = data?.row ?? null;
      cell.image.show(data?.row ?? null);
      if (data === null) {
        cell.frame.className = "frame";
        cell.achieved.textContent = cell.off.textContent = cell.what.textContent = "";
        cell.button.setAttribute("aria-label", "no image left here");
        continue;
      }
      const state = data.row === anchor ? "anchor" : data.label !== classIndex ? "other-class"
        : data.predicted !== classIndex ? "mistaken" : "recognised";
      cell.frame.className = `frame ${state}`;
      const label = this.classes[data.label], predicted = this.classes[data.predicted];
      const isAnchor = state === "anchor";
      cell.achieved.textContent = isAnchor ? "anchor" : decimal(data.achieved, 1, true);
      cell.off.textContent = isAnchor ? "" : decimal(data.offAxis, 1);
      cell.what.textContent = data.predicted !== data.label
        ? (data.label !== classIndex ? `${label} → ${predicted}` : `→ ${predicted}`)
        : data.label !== classIndex ? label : "";
      cell.button.setAttribute("aria-label",
        `At ${decimal(data.step, 1, true)}σ: image ${data.row}, ${label}, predicted ${predicted} `
        + `${probability(data.confidence)}, truly ${decimal(data.achieved, 1, true)}σ along and `
        + `${decimal(data.offAxis, 1)}σ off. Make it the anchor.`);
      cell.button.title = `image ${data.row} · ${label}, predicted ${predicted} ${probability(data.confidence)}\n`
        + `wanted ${decimal(data.step, 2, true)}σ, achieved ${decimal(data.achieved, 2, true)}σ, off-axis ${decimal(data.offAxis, 2)}σ`;
    }
  }
}
