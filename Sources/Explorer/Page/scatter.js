// Places of images on a plane, and how they become pixels: one raster pass in which every point covers a small disc and
// opacity adds up, so that few points are dots and many are a density. Nothing here knows of the page.

/** Points with an index over a grid, so that the nearest one to a place is found without looking at all. */
export class Points {
  /** @param {{x: Float32Array, y: Float32Array, label: Uint16Array}} columns in the order of the data set's rows */
  constructor({ x, y, label }) {
    [this.x, this.y, this.label] = [x, y, label];
    this.count = x.length;
    let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
    for (let i = 0; i < this.count; i++) {
      if (!Number.isFinite(x[i]) || !Number.isFinite(y[i])) continue;
      left = Math.min(left, x[i]); right = Math.max(right, x[i]);
      bottom = Math.min(bottom, y[i]); top = Math.max(top, y[i]);
    }
    if (!(right >= left)) [left, right, bottom, top] = [-1, 1, -1, 1];
    const span = Math.max(right - left, top - bottom) || 1;
    Object.assign(this, { centerX: (left + right) / 2, centerY: (bottom + top) / 2, span, left, bottom });
    this.width = right - left || span;
    this.height = top - bottom || span;
    this.#index();
    this.order = shuffled(this.count);
  }

  #side = 1;
  #starts;
  #members;

  #index() {
    this.#side = Math.max(1, Math.min(256, Math.round(Math.sqrt(this.count / 4))));
    const side = this.#side;
    const cells = new Int32Array(this.count).fill(-1);
    const starts = new Int32Array(side * side + 1);
    for (let i = 0; i < this.count; i++) {
      if (!Number.isFinite(this.x[i]) || !Number.isFinite(this.y[i])) continue;
      cells[i] = this.#row(this.y[i]) * side + this.#column(this.x[i]);
      starts[cells[i] + 1]++;
    }
    for (let cell = 0; cell < side * side; cell++) starts[cell + 1] += starts[cell];
    const next = starts.slice();
    const members = new Int32Array(this.count);
    for (let i = 0; i < this.count; i++) if (cells[i] >= 0) members[next[cells[i]]++] = i;
    [this.#starts, this.#members] = [starts, members];
  }

  #column(x) {
    return Math.max(0, Math.min(this.#side - 1, Math.floor((x - this.left) / this.span * this.#side)));
  }
  #row(y) {
    return Math.max(0, Math.min(this.#side - 1, Math.floor((y - this.bottom) / this.span * this.#side)));
  }

  /** The points in a rectangle, by a function that is called with each index. */
  forEachIn(left, bottom, right, top, body) {
    const [c0, c1, r0, r1] = [this.#column(left), this.#column(right), this.#row(bottom), this.#row(top)];
    for (let row = r0; row <= r1; row++) {
      const [from, to] = [this.#starts[row * this.#side + c0], this.#starts[row * this.#side + c1 + 1]];
      for (let place = from; place < to; place++) body(this.#members[place]);
    }
  }

  /** The nearest point within a distance that `accepts` lets pass; −1 if there is none. */
  nearest(x, y, within, accepts = () => true) {
    let [best, found] = [within * within, -1];
    this.forEachIn(x - within, y - within, x + within, y + within, i => {
      const distance = (this.x[i] - x) ** 2 + (this.y[i] - y) ** 2;
      if (distance <= best && accepts(i)) [best, found] = [distance, i];
    });
    return found;
  }

  /** The points within a polygon of [x, y] (even-odd rule), in rising order. */
  inside(polygon) {
    const xs = polygon.map(point => point[0]), ys = polygon.map(point => point[1]);
    const found = [];
    this.forEachIn(Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys), i => {
      const [x, y] = [this.x[i], this.y[i]];
      let isInside = false;
      for (let a = 0, b = polygon.length - 1; a < polygon.length; b = a++) {
        const [ax, ay] = polygon[a], [bx, by] = polygon[b];
        if ((ay > y) !== (by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax) isInside = !isInside;
      }
      if (isInside) found.push(i);
    });
    return found.sort((a, b) => a - b);
  }
}

/** A permutation that is the same every time: Fisher and Yates over a linear congruential generator. */
function shuffled(count) {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  let state = 0x9e3779b9;
  for (let i = count - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = Math.floor(state / 4294967296 * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** Buffers of the raster pass, kept between frames. */
export class Raster {
  #size = 0;

  /**
   * Draws the points of a viewport into pixels.
   * @param {ImageData} pixels what is drawn into; transparent where there is nothing
   * @param {(x: number) => number} toX from data to pixels; toY likewise
   * @param {number[][]} colors of classes, 0 to 255
   * @param {number} radius of a point in pixels
   * @param {Uint8Array|null} faded 1 for points that are drawn pale
   */
  draw(pixels, points, { toX, toY, bounds, colors, radius, faded }) {
    const { width, height } = pixels;
    const size = width * height;
    if (this.#size !== size) {
      this.coverage = new Float32Array(size);
      this.red = new Float32Array(size);
      this.green = new Float32Array(size);
      this.blue = new Float32Array(size);
      this.#size = size;
    } else {
      for (const plane of [this.coverage, this.red, this.green, this.blue]) plane.fill(0);
    }
    const { coverage, red, green, blue } = this;
    const disc = discOf(radius);
    points.forEachIn(...bounds, i => {
      const x = Math.round(toX(points.x[i])), y = Math.round(toY(points.y[i]));
      const reach = disc.reach;
      if (x < -reach || y < -reach || x >= width + reach || y >= height + reach) return;
      const color = colors[points.label[i]] ?? grey;
      const strength = faded?.[i] ? 0.15 : 1;
      for (let k = 0; k < disc.weights.length; k++) {
        const px = x + disc.dx[k], py = y + disc.dy[k];
        if (px < 0 || py < 0 || px >= width || py >= height) continue;
        const place = py * width + px, weight = disc.weights[k] * strength;
        coverage[place] += weight;
        red[place] += weight * color[0];
        green[place] += weight * color[1];
        blue[place] += weight * color[2];
      }
    });
    // One point more covers so much of what is still free; less where points are many, so that a density stays one.
    const ratio = Math.log(1 - opacityOfOne(coverage));
    const out = pixels.data;
    for (let place = 0; place < size; place++) {
      const covered = coverage[place];
      const to = place * 4;
      if (covered === 0) { out[to + 3] = 0; continue; }
      out[to] = red[place] / covered;
      out[to + 1] = green[place] / covered;
      out[to + 2] = blue[place] / covered;
      out[to + 3] = 255 * (1 - Math.exp(ratio * covered));
    }
  }
}

const grey = [128, 128, 128];

/** So that the 98th percentile of what is covered at all comes near to full colour, and a single dot is seen. */
function opacityOfOne(coverage) {
  const histogram = new Uint32Array(65);
  let count = 0;
  for (let place = 0; place < coverage.length; place += 7) {
    if (coverage[place] === 0) continue;
    histogram[Math.min(64, Math.floor(coverage[place]))]++;
    count++;
  }
  let [seen, level] = [0, 0];
  while (level < 64 && seen + histogram[level] < 0.98 * count) seen += histogram[level++];
  return Math.min(0.75, Math.max(0.1, 1 - 0.04 ** (1 / (level + 1))));
}

const discs = new Map();
/** The pixels of a disc with the share that each is covered. */
function discOf(radius) {
  const known = discs.get(radius);
  if (known) return known;
  const reach = Math.ceil(radius + 0.5);
  const disc = { reach, dx: [], dy: [], weights: [] };
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      const weight = Math.min(1, Math.max(0, radius + 0.5 - Math.hypot(dx, dy)));
      if (weight > 0) { disc.dx.push(dx); disc.dy.push(dy); disc.weights.push(weight); }
    }
  }
  discs.set(radius, disc);
  return disc;
}

/**
 * Which points become images: in a fixed shuffled order, where at most `crowd` points share an image's place and no
 * image is in the way. Far away that is only the outskirts, close by it is all.
 * @returns {number[]} indices; the same for the same view
 */
export function placeImages(points, { toX, toY, bounds, width, height, side, crowd, first = [], most = 500 }) {
  const pitch = side + 4;
  // Squares of that pitch, one more on every side of the viewport and what overlaps it.
  const columns = Math.ceil((width + 2 * side) / pitch) + 3;
  const rows = Math.ceil((height + 2 * side) / pitch) + 3;
  const square = (x, y) => (Math.floor((y + side) / pitch) + 1) * columns + Math.floor((x + side) / pitch) + 1;
  const crowds = new Int32Array(columns * rows);
  const squares = new Int32Array(points.count).fill(-1);
  points.forEachIn(...bounds, i => {
    const x = toX(points.x[i]), y = toY(points.y[i]);
    if (x < -side || y < -side || x > width + side || y > height + side) return;
    squares[i] = square(x, y);
    crowds[squares[i]]++;
  });
  // Images lie a pitch apart, so no square holds two.
  const taken = new Int32Array(columns * rows).fill(-1);
  const placed = [];
  const tryOne = i => {
    const x = toX(points.x[i]), y = toY(points.y[i]);
    for (let row = -columns; row <= columns; row += columns) {
      for (let column = -1; column <= 1; column++) {
        const other = taken[squares[i] + row + column];
        if (other >= 0 && Math.max(Math.abs(toX(points.x[other]) - x), Math.abs(toY(points.y[other]) - y)) < pitch) return;
      }
    }
    taken[squares[i]] = i;
    placed.push(i);
  };
  for (const i of first) if (squares[i] >= 0) tryOne(i);
  for (let k = 0; k < points.count && placed.length < most; k++) {
    const i = points.order[k];
    if (squares[i] >= 0 && crowds[squares[i]] <= crowd) tryOne(i);
  }
  return placed;
}
