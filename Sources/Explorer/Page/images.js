// Images of the data set, kept in memory by row. Few images are fetched as whole sheets at once; of many, each one that
// somebody looks at, newest wishes first. Drawing enlarges by whole numbers of pixels and never blurs.

const most = 6000;
const lanes = 6;

export class Images {
  #source;
  #session;
  #known = new Map();
  #wanted = new Map();
  #running = 0;
  #small = new Map();
  #sheets = new Map();
  #listeners = new Set();

  constructor(source, session) {
    [this.#source, this.#session] = [source, session];
    const { full, small } = session.sprites;
    this.size = session.images;
    this.columns = { full, small };
    this.#fewSheets = full.sheets <= 16;
  }
  #fewSheets;

  /** Calls a function whenever images have come that were not there before. */
  onArrival(listener) { this.#listeners.add(listener); }

  /** @returns {Promise<ImageBitmap>} */
  get(row) {
    const known = this.#known.get(row);
    if (known) {
      // What was used last is thrown away last.
      this.#known.delete(row);
      this.#known.set(row, known);
      return Promise.resolve(known);
    }
    const wish = this.#wish(row);
    wish.isKept = true;
    return wish.promise;
  }

  #wish(row) {
    let wish = this.#wanted.get(row);
    if (!wish) {
      wish = { row };
      wish.promise = new Promise((resolve, reject) => Object.assign(wish, { resolve, reject }));
      wish.promise.catch(() => {});
      this.#wanted.set(row, wish);
      queueMicrotask(() => this.#work());
    }
    return wish;
  }

  /**
   * Draws an image into a square, or its small likeness while it is on the way; asks for it.
   * @returns {boolean} whether something was drawn
   */
  draw(context, row, x, y, side) {
    const known = this.#known.get(row);
    context.imageSmoothingEnabled = false;
    if (known) {
      const { width, height } = known;
      const scale = side / Math.max(width, height);
      context.imageSmoothingEnabled = scale < 1;
      context.imageSmoothingQuality = "high";
      const [w, h] = [width * scale, height * scale];
      context.drawImage(known, x + (side - w) / 2, y + (side - h) / 2, w, h);
      return true;
    }
    this.#wish(row);
    const place = this.#source.placeInSheets?.(row) ?? row;
    const { cell, columns, perSheet } = this.columns.small;
    const sheet = this.#smallSheet(Math.floor(place / perSheet));
    if (!sheet) return false;
    const i = place % perSheet;
    context.drawImage(sheet, (i % columns) * cell, Math.floor(i / columns) * cell, cell, cell, x, y, side, side);
    return true;
  }

  /** Takes back wishes of `draw` that nobody has begun to fulfil, but for these rows. */
  forget(exceptRows) {
    for (const [row, wish] of this.#wanted) {
      if (wish.hasBegun || wish.isKept || exceptRows.has(row)) continue;
      this.#wanted.delete(row);
      wish.reject(new DOMException("no longer wanted", "AbortError"));
    }
  }

  #smallSheet(index) {
    const known = this.#small.get(index);
    if (known === undefined) {
      this.#small.set(index, null);
      this.#source.sheet("small", index).then(
        sheet => { this.#small.set(index, sheet); this.#tell(); }, () => this.#small.delete(index));
    }
    return known;
  }

  #work() {
    while (this.#running < lanes && this.#wanted.size > 0) {
      const waiting = [...this.#wanted.values()].filter(wish => !wish.hasBegun);
      // A strip comes before a map.
      const wish = waiting.findLast(wish => wish.isKept) ?? waiting.at(-1);
      if (!wish) return;
      wish.hasBegun = true;
      this.#running++;
      this.#fetch(wish.row).then(
        image => { this.#keep(wish.row, image); wish.resolve(image); }, wish.reject
      ).finally(() => {
        this.#wanted.delete(wish.row);
        this.#running--;
        this.#work();
      });
    }
  }

  async #fetch(row) {
    if (!this.#fewSheets || !this.#source.isLive) return this.#source.image(row);
    const { cell, columns, perSheet } = this.columns.full;
    const index = Math.floor(row / perSheet);
    if (!this.#sheets.has(index)) this.#sheets.set(index, this.#source.sheet("full", index));
    let sheet;
    try {
      sheet = await this.#sheets.get(index);
    } catch (error) {
      this.#sheets.delete(index);
      throw error;
    }
    const i = row % perSheet;
    return createImageBitmap(
      sheet, (i % columns) * cell, Math.floor(i / columns) * cell, Math.min(this.size.width, cell),
      Math.min(this.size.height, cell));
  }

  #keep(row, image) {
    this.#known.set(row, image);
    if (this.#known.size > most) this.#known.delete(this.#known.keys().next().value);
    this.#tell();
  }

  #telling = false;
  #tell() {
    if (this.#telling) return;
    this.#telling = true;
    requestAnimationFrame(() => {
      this.#telling = false;
      for (const listener of this.#listeners) listener();
    });
  }
}

/**
 * The side in CSS pixels at which images of a size fill a square best: a whole multiple of their pixels on this screen;
 * what is too large for it is made as small as it has to be.
 */
export function sharpSide({ width, height }, room) {
  const longest = Math.max(width, height), density = devicePixelRatio || 1;
  const multiple = Math.floor(room * density / longest);
  return multiple >= 1 ? multiple * longest / density : room;
}

/** A canvas that shows one image at a sharp side; empty until the image is there. */
export class ImageCanvas {
  #row = null;

  constructor(images, side) {
    this.images = images;
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("aria-hidden", "true");
    this.resize(side);
  }

  get row() { return this.#row; }

  resize(side) {
    this.side = side;
    const pixels = Math.max(1, Math.round(side * (devicePixelRatio || 1)));
    if (this.canvas.width !== pixels) {
      this.canvas.width = this.canvas.height = pixels;
      this.#paint();
    }
    this.canvas.style.width = this.canvas.style.height = `${side}px`;
  }

  show(row) {
    if (row === this.#row) return;
    this.#row = row;
    this.#paint();
  }

  #paint() {
    const row = this.#row;
    const context = this.canvas.getContext("2d");
    const paint = () => {
      context.clearRect(0, 0, this.canvas.width, this.canvas.height);
      if (row != null) this.images.draw(context, row, 0, 0, this.canvas.width);
    };
    paint();
    if (row != null) this.images.get(row).then(() => { if (this.#row === row) paint(); }, () => {});
  }
}
