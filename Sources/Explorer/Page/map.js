// The map of one run: pan, zoom, hover, choose and lasso on a canvas, by mouse, finger or keyboard. Far away images are
// a density, near by they are images.

import { Points, Raster, placeImages } from "./scatter.js";
import { classColors, css } from "./palette.js";
import { announce, eachFrame, element } from "./elements.js";

const dotRadius = 1.6;
const imageSide = 32;
const crowd = 12;

export class FeatureMap {
  #points = null;
  #map = null;
  #raster = new Raster();
  #layer = document.createElement("canvas");
  #layerKey = null;
  #places = [];
  #placesKey = null;
  #mapKey = 0;
  #fadedKey = -1;
  #isMoving = false;
  #still = null;
  #view = { x: 0, y: 0, scale: 1 };
  #cursor = -1;
  #lasso = null;
  #pointers = new Map();
  #marks = { anchor: null, walk: [], groups: { a: [], b: [] } };
  #colors = [];
  #faded = null;
  #redraw = eachFrame(() => this.#draw());

  /**
   * @param {object} actions `hover(index, x, y)` with −1 for none, `choose(index)`, `lasso(indices)`,
   *   `collect(index, group)`, `move(view)`; indices are points of the map
   */
  constructor(actions, label) {
    this.actions = actions;
    this.isLassoing = false;
    this.canvas = element("canvas", {
      class: "map-canvas", tabindex: 0, role: "application", "aria-roledescription": "map of images",
      "aria-label": label, "aria-describedby": "map-keys",
    });
    this.#listen();
    new ResizeObserver(() => this.#redraw()).observe(this.canvas);
  }

  /** @param {object} map a decoded map, or null while there is none */
  show(map, { images, classCount, dark }) {
    this.images = images;
    this.dark = dark;
    this.#colors = classColors(classCount, dark);
    if (map !== this.#map) {
      this.#map = map;
      this.#mapKey++;
      this.#points = map && new Points({ x: map.x, y: map.y, label: map.labels });
      this.#cursor = -1;
    }
    this.#redraw();
  }

  get view() { return this.#view; }
  set view(view) {
    this.#view = view ? { x: view[0], y: view[1], scale: view[2] } : { x: 0, y: 0, scale: 1 };
    this.#redraw();
  }

  /** Rows of the test images: the anchor, those that a walk shows, and two groups. */
  mark({ anchor, walk, groups }) {
    const place = row => this.#map?.placeOfRow.get(row);
    const places = rows => rows.map(place).filter(index => index !== undefined);
    this.#marks = {
      anchor: place(anchor) ?? null, walk: places(walk),
      groups: { a: places(groups.a), b: places(groups.b) },
    };
    this.#redraw();
  }

  /** Only points of these classes keep their strength; null for all. */
  emphasise(classIndex) {
    this.#fadedKey = classIndex ?? -1;
    this.#faded = classIndex == null || !this.#map
      ? null : Uint8Array.from(this.#map.labels, label => label === classIndex ? 0 : 1);
    this.#redraw();
  }

  redraw() { this.#redraw(); }

  // Geometry. The view's centre is relative to the middle of the data, in units of their larger span, y upwards; at
  // scale 1 all of the data fit.

  get #size() { return { width: this.canvas.clientWidth || 1, height: this.canvas.clientHeight || 1 }; }
  get #unit() {
    const { width, height } = this.#size;
    const points = this.#points;
    const room = length => Math.max(length - 2 * imageSide, length / 2);
    return Math.min(room(width) / points.width, room(height) / points.height) * this.#view.scale;
  }
  #toX(x) { return this.#size.width / 2 + (x - this.#points.centerX - this.#view.x * this.#points.span) * this.#unit; }
  #toY(y) { return this.#size.height / 2 - (y - this.#points.centerY - this.#view.y * this.#points.span) * this.#unit; }
  #fromX(x) { return (x - this.#size.width / 2) / this.#unit + this.#points.centerX + this.#view.x * this.#points.span; }
  #fromY(y) { return (this.#size.height / 2 - y) / this.#unit + this.#points.centerY + this.#view.y * this.#points.span; }

  zoom(factor, atX = this.#size.width / 2, atY = this.#size.height / 2) {
    if (!this.#points) return;
    const [x, y] = [this.#fromX(atX), this.#fromY(atY)];
    this.#view.scale = Math.min(400, Math.max(0.5, this.#view.scale * factor));
    this.#view.x += (x - this.#fromX(atX)) / this.#points.span;
    this.#view.y += (y - this.#fromY(atY)) / this.#points.span;
    this.#moved();
  }

  home() {
    if (!this.#points) return;
    this.#view = { x: 0, y: 0, scale: 1 };
    this.#moved();
  }

  /** Brings a point into sight if it is not. */
  reveal(row) {
    const index = this.#map?.placeOfRow.get(row);
    if (index === undefined) return;
    this.#bringIntoView(index);
  }

  #bringIntoView(index) {
    const { width, height } = this.#size;
    const [x, y] = [this.#toX(this.#points.x[index]), this.#toY(this.#points.y[index])];
    const [dx, dy] = [x - Math.min(width - 24, Math.max(24, x)), y - Math.min(height - 24, Math.max(24, y))];
    if (dx || dy) this.#pan(-dx, -dy);
  }

  #pan(dx, dy) {
    const span = this.#unit * this.#points.span;
    this.#view.x = Math.min(1, Math.max(-1, this.#view.x - dx / span));
    this.#view.y = Math.min(1, Math.max(-1, this.#view.y + dy / span));
    this.#moved();
  }

  #moved() {
    this.#isMoving = this.#points.count > 10_000;
    clearTimeout(this.#still);
    this.#still = setTimeout(() => { this.#isMoving = false; this.#redraw(); }, 150);
    this.#redraw();
    const { x, y, scale } = this.#view;
    this.actions.move(x === 0 && y === 0 && scale === 1 ? null : [x, y, scale]);
  }

  // Drawing

  #draw() {
    const density = devicePixelRatio || 1;
    const { width, height } = this.#size;
    const [pixelWidth, pixelHeight] = [Math.round(width * density), Math.round(height * density)];
    if (this.canvas.width !== pixelWidth || this.canvas.height !== pixelHeight) {
      this.canvas.width = pixelWidth;
      this.canvas.height = pixelHeight;
    }
    const context = this.canvas.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, pixelWidth, pixelHeight);
    if (!this.#points || width < 8 || height < 8) return;
    const points = this.#points;
    const bounds = [this.#fromX(-40), this.#fromY(height + 40), this.#fromX(width + 40), this.#fromY(-40)];

    const unit = this.#unit;
    const originX = this.#toX(0), originY = this.#toY(0);
    const key = [this.#mapKey, ...Object.values(this.#view), pixelWidth, pixelHeight, this.dark, this.#fadedKey, this.#isMoving].join();
    if (key !== this.#layerKey) {
      this.#layerKey = key;
      this.#drawLayer({ bounds, pixelWidth, pixelHeight, density, unit, originX, originY });
    }
    context.imageSmoothingEnabled = true;
    context.drawImage(this.#layer, 0, 0, pixelWidth, pixelHeight);

    context.setTransform(density, 0, 0, density, 0, 0);
    const style = getComputedStyle(this.canvas);
    // Computed colours are resolved for light or dark; custom properties are not.
    const ink = style.color, page = style.backgroundColor, accent = style.caretColor;
    const side = imageSide;
    const placesKey = [key, this.#marks.anchor].join();
    if (placesKey !== this.#placesKey) {
      this.#placesKey = placesKey;
      this.#places = placeImages(points, {
        toX: x => originX + x * unit, toY: y => originY - y * unit, bounds, width, height, side, crowd,
        first: [this.#marks.anchor].filter(index => index != null),
      });
      this.images.forget(new Set(this.#places.map(index => this.#map.rows[index])));
    }
    for (const index of this.#places) this.#drawImage(context, index, side, this.#faded?.[index] ? 0.35 : 1);

    this.#drawGroup(context, this.#marks.groups.a, ink, page, true);
    this.#drawGroup(context, this.#marks.groups.b, ink, page, false);
    this.#drawWalk(context, ink, page);
    if (this.#marks.anchor != null) {
      this.#drawImage(context, this.#marks.anchor, side, 1);
      this.#frame(context, this.#marks.anchor, side + 7, ink, 2.5);
    }
    if (this.#cursor >= 0) {
      this.#drawImage(context, this.#cursor, side, 1);
      this.#frame(context, this.#cursor, side + 6, accent, 2);
    }
    if (this.#lasso?.path.length > 1) {
      context.beginPath();
      for (const [x, y] of this.#lasso.path) context.lineTo(x, y);
      context.closePath();
      context.fillStyle = ink;
      context.globalAlpha = 0.08;
      context.fill();
      context.globalAlpha = 1;
      context.setLineDash([4, 3]);
      context.lineWidth = 1.5;
      context.strokeStyle = ink;
      context.stroke();
      context.setLineDash([]);
    }
  }

  /** Dots and density, which stay while only the pointer moves. */
  #drawLayer({ bounds, pixelWidth, pixelHeight, density, unit, originX, originY }) {
    // One pixel of the raster is one of the screen, or more where that would be too many to follow the hand; many points
    // are drawn smaller while they move.
    const coarse = Math.max(1, Math.sqrt(pixelWidth * pixelHeight / (this.#isMoving ? 3e5 : 1.2e6)));
    const [width, height] = [Math.ceil(pixelWidth / coarse), Math.ceil(pixelHeight / coarse)];
    if (this.#layer.width !== width || this.#layer.height !== height) {
      this.#layer.width = width;
      this.#layer.height = height;
      this.pixels = new ImageData(width, height);
    }
    const toRaster = density / coarse;
    const growth = Math.min(1.8, Math.max(1, this.#view.scale ** 0.25));
    this.#raster.draw(this.pixels, this.#points, {
      toX: x => (originX + x * unit) * toRaster, toY: y => (originY - y * unit) * toRaster, bounds,
      colors: this.#colors,
      radius: this.#isMoving ? 0.75 : Math.max(0.75, Math.round(dotRadius * growth * toRaster * 4) / 4),
      faded: this.#faded,
    });
    this.#layer.getContext("2d").putImageData(this.pixels, 0, 0);
  }

  #drawImage(context, index, side, opacity) {
    const x = Math.round(this.#toX(this.#points.x[index]) - side / 2);
    const y = Math.round(this.#toY(this.#points.y[index]) - side / 2);
    context.globalAlpha = opacity;
    context.fillStyle = css(this.#colors[this.#points.label[index]]);
    context.fillRect(x - 1.5, y - 1.5, side + 3, side + 3);
    this.images.draw(context, this.#map.rows[index], x, y, side);
    context.globalAlpha = 1;
  }

  #frame(context, index, side, color, width) {
    const x = Math.round(this.#toX(this.#points.x[index]) - side / 2);
    const y = Math.round(this.#toY(this.#points.y[index]) - side / 2);
    context.lineWidth = width;
    context.strokeStyle = color;
    context.strokeRect(x, y, side, side);
  }

  #drawGroup(context, places, ink, page, isFilled) {
    context.lineWidth = 1;
    for (const index of places) {
      const x = this.#toX(this.#points.x[index]), y = this.#toY(this.#points.y[index]);
      context.beginPath();
      if (isFilled) context.arc(x, y, 3, 0, 2 * Math.PI);
      else context.rect(x - 2.75, y - 2.75, 5.5, 5.5);
      context.fillStyle = isFilled ? ink : page;
      context.fill();
      context.strokeStyle = isFilled ? page : ink;
      context.stroke();
    }
  }

  /** The images of a walk as beads on a thread, in the order of their steps. */
  #drawWalk(context, ink, page) {
    const places = this.#marks.walk;
    if (places.length === 0) return;
    const at = index => [this.#toX(this.#points.x[index]), this.#toY(this.#points.y[index])];
    context.beginPath();
    for (const index of places) context.lineTo(...at(index));
    context.strokeStyle = ink;
    context.lineWidth = 1.25;
    context.globalAlpha = 0.75;
    context.stroke();
    context.globalAlpha = 1;
    for (const [order, index] of places.entries()) {
      context.beginPath();
      context.arc(...at(index), 2.5 + order * 0.3, 0, 2 * Math.PI);
      context.fillStyle = css(this.#colors[this.#points.label[index]]);
      context.fill();
      context.lineWidth = 2;
      context.strokeStyle = page;
      context.stroke();
      context.lineWidth = 1;
      context.strokeStyle = ink;
      context.stroke();
    }
  }

  // Mouse and fingers

  #place(event) {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  #under(x, y) {
    if (!this.#points) return -1;
    return this.#points.nearest(this.#fromX(x), this.#fromY(y), 18 / this.#unit);
  }

  #setCursor(index, x, y) {
    if (index === this.#cursor) return;
    this.#cursor = index;
    this.#redraw();
    this.actions.hover(index, x, y);
  }

  #listen() {
    const { canvas } = this;
    canvas.addEventListener("wheel", event => {
      // Where the page itself scrolls, the wheel is the page's until the map has been chosen.
      const scrolls = document.documentElement.scrollHeight > innerHeight + 4;
      if (scrolls && !event.ctrlKey && document.activeElement !== canvas) return;
      event.preventDefault();
      const lines = event.deltaMode === 1 ? 16 : 1;
      this.zoom(Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0015)), ...this.#place(event));
    }, { passive: false });

    canvas.addEventListener("pointerdown", event => {
      if (event.button !== 0 || !this.#points) return;
      canvas.setPointerCapture(event.pointerId);
      canvas.focus({ preventScroll: true });
      const [x, y] = this.#place(event);
      this.#pointers.set(event.pointerId, { x, y, startX: x, startY: y, hasMoved: false });
      if (this.#pointers.size === 1 && (this.isLassoing || event.shiftKey)) this.#lasso = { path: [[x, y]] };
    });

    canvas.addEventListener("pointermove", event => {
      if (!this.#points) return;
      const [x, y] = this.#place(event);
      const pointer = this.#pointers.get(event.pointerId);
      if (!pointer) return this.#setCursor(this.#under(x, y), x, y);
      if (Math.hypot(x - pointer.startX, y - pointer.startY) > 4) pointer.hasMoved = true;
      if (this.#lasso) {
        this.#lasso.path.push([x, y]);
        this.#redraw();
      } else if (this.#pointers.size === 2) {
        const [other] = [...this.#pointers].filter(([id]) => id !== event.pointerId).map(([, value]) => value);
        const before = Math.hypot(pointer.x - other.x, pointer.y - other.y);
        const after = Math.hypot(x - other.x, y - other.y);
        this.#pan((x - pointer.x) / 2, (y - pointer.y) / 2);
        if (before > 0) this.zoom(after / before, (x + other.x) / 2, (y + other.y) / 2);
      } else if (pointer.hasMoved) {
        this.#setCursor(-1);
        this.#pan(x - pointer.x, y - pointer.y);
      }
      Object.assign(pointer, { x, y });
    });

    const end = event => {
      const pointer = this.#pointers.get(event.pointerId);
      if (!pointer) return;
      this.#pointers.delete(event.pointerId);
      if (this.#lasso) {
        const path = this.#lasso.path;
        this.#lasso = null;
        this.#redraw();
        if (event.type === "pointerup" && path.length > 2) {
          this.actions.lasso(this.#points.inside(path.map(([x, y]) => [this.#fromX(x), this.#fromY(y)])));
        }
      } else if (event.type === "pointerup" && !pointer.hasMoved) {
        const index = this.#under(...this.#place(event));
        if (index >= 0) this.actions.choose(index);
      }
    };
    canvas.addEventListener("pointerup", end);
    canvas.addEventListener("pointercancel", end);
    canvas.addEventListener("pointerleave", event => {
      if (!this.#pointers.has(event.pointerId)) this.#setCursor(-1);
    });
    canvas.addEventListener("keydown", event => this.#key(event));
    canvas.addEventListener("blur", () => this.#setCursor(-1));
  }

  // Keyboard: arrows go from image to image, as the eye would.

  #key(event) {
    if (!this.#points || event.ctrlKey || event.metaKey || event.altKey) return;
    const directions = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const actions = {
      "+": () => this.zoom(1.5, ...this.#cursorPlace()), "=": () => this.zoom(1.5, ...this.#cursorPlace()),
      "-": () => this.zoom(1 / 1.5, ...this.#cursorPlace()), Home: () => this.home(),
      Enter: () => this.#cursor >= 0 && this.actions.choose(this.#cursor),
      " ": () => this.#cursor >= 0 && this.actions.collect(this.#cursor, event.shiftKey ? "b" : "a"),
      Escape: () => { this.#lasso = null; this.#setCursor(-1); this.#redraw(); },
    };
    if (event.key in directions) this.#step(...directions[event.key]);
    else if (event.key in actions) actions[event.key]();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #cursorPlace() {
    if (this.#cursor < 0) return [this.#size.width / 2, this.#size.height / 2];
    return [this.#toX(this.#points.x[this.#cursor]), this.#toY(this.#points.y[this.#cursor])];
  }

  /** To the point that lies nearest ahead, at least some pixels away: straight counts more than near. */
  #step(dx, dy) {
    const points = this.#points;
    let from = this.#cursor >= 0 ? this.#cursor : this.#marks.anchor;
    if (from == null) from = points.nearest(this.#fromX(this.#size.width / 2), this.#fromY(this.#size.height / 2), points.span);
    if (from < 0) return;
    const unit = this.#unit;
    let [best, found] = [Infinity, -1];
    const reach = 160 / unit;
    const [x0, y0] = [points.x[from], points.y[from]];
    points.forEachIn(x0 - reach, y0 - reach, x0 + reach, y0 + reach, i => {
      const along = ((points.x[i] - x0) * dx + (points.y[i] - y0) * dy) * unit;
      const across = Math.abs((points.x[i] - x0) * dy - (points.y[i] - y0) * dx) * unit;
      const cost = along + 2.5 * across;
      if (along > 6 && across < along && cost < best) [best, found] = [cost, i];
    });
    if (found < 0) return announce("No image farther this way.");
    this.#bringIntoView(found);
    this.#setCursor(found, ...[this.#toX(points.x[found]), this.#toY(points.y[found])]);
  }
}
