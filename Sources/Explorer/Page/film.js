// Answers of a static file: what `isda explore --static` computed beforehand. A walk is cut out of a film, all steps
// along one direction from one anchor; what needs a server is refused with the command that brings one.

import { AnswerError, bytes, column, decodedMap } from "./answers.js";

export class FilmSource {
  isLive = false;
  #data;
  #placeOfRow = new Map();
  #sheets = new Map();

  /** @param {object} data the file's embedded JSON */
  constructor(data) {
    this.#data = data;
    column(data.rows).forEach((row, place) => this.#placeOfRow.set(row, place));
  }

  async session() { return this.#answer("/api/session"); }
  async map(run, kind) { return decodedMap(await this.#answer(`/api/runs/${run}/map?kind=${kind}`)); }
  async classOf(run, index) { return this.#answer(`/api/runs/${run}/class/${index}`); }
  async matches(first, second, index) {
    return this.#answer(`/api/matches?first=${first}&second=${second}&class=${index}`);
  }

  async details(run, row) {
    const map = this.#data.answers[`/api/runs/${run}/map?kind=pca`];
    const { labels, predicted, confidence, placeOfRow } = this.#maps[run] ??= decodedMap(map);
    const place = placeOfRow.get(row);
    if (place === undefined) throw missing("this image");
    return {
      row, label: labels[place], predicted: predicted[place], confidence: confidence[place],
      probabilities: [{ class: predicted[place], value: confidence[place] }], factors: null,
    };
  }
  #maps = {};

  /** Which anchors and directions can be walked, so that lists offer no others. */
  hasFilm(run, anchor, id) { return `${run}/${anchor}/${id}` in this.#data.films; }

  async walk(run, { anchor, directions }) {
    const [{ id, position }] = directions;
    const film = this.#data.films[`${run}/${anchor}/${id}`];
    if (!film) throw missing("a walk along this direction from this anchor");
    // The nine steps nearest to the hand, in order.
    const cells = strip => {
      const places = strip.step.map((_, place) => place)
        .sort((a, b) => Math.abs(strip.step[a] - position) - Math.abs(strip.step[b] - position) || a - b)
        .slice(0, 9).sort((a, b) => strip.step[a] - strip.step[b]);
      return places.map(place => Object.fromEntries(Object.keys(strip).map(key => [key, strip[key][place]])));
    };
    const chart = film.chart;
    const nearest = chart.steps.reduce(
      (best, step, place) => Math.abs(step - position) < Math.abs(chart.steps[best] - position) ? place : best, 0);
    const values = chart.probabilities.map(line => line[nearest]);
    const most = values.indexOf(Math.max(...values));
    return {
      run, anchor, query: "axis", spacing: 0.5, directions: [{ id, position, sigma: film.sigma }],
      strip: cells(film.strip),
      control: film.control && { title: film.control.title, strip: cells(film.control.strip) },
      tau: null, hand: { predicted: chart.classes[most], confidence: values[most] }, chart, command: null,
    };
  }

  async image(row) {
    const place = this.#placeOfRow.get(row);
    if (place === undefined) throw missing("this image");
    const { images, sprites: { full } } = await this.session();
    const cell = place % full.perSheet;
    return createImageBitmap(
      await this.sheet("full", Math.floor(place / full.perSheet)), (cell % full.columns) * full.cell,
      Math.floor(cell / full.columns) * full.cell, Math.min(images.width, full.cell),
      Math.min(images.height, full.cell));
  }

  sheet(size, index) {
    const key = `${size}/${index}`;
    if (!this.#sheets.has(key)) {
      const png = bytes(this.#data.sprites[size][index]);
      this.#sheets.set(key, createImageBitmap(new Blob([png], { type: "image/png" })));
    }
    return this.#sheets.get(key);
  }

  /** Where in the sheets an image is. */
  placeInSheets(row) { return this.#placeOfRow.get(row); }

  makeDirection() { throw refused(); }
  changeDirection() { throw refused(); }
  removeDirection() { throw refused(); }
  exportDirections() { throw refused(); }
  importDirections() { throw refused(); }
  figure() { throw refused(); }
  command() { throw refused(); }

  async #answer(path) {
    const answer = this.#data.answers[path];
    if (answer === undefined) throw missing("this");
    return answer;
  }
}

const hint = "`isda explore` on the run folder itself has all anchors and directions.";
const missing = what =>
  new AnswerError({ code: "not-in-file", message: `This file does not hold ${what}.`, hint });
const refused = () =>
  new AnswerError({ code: "read-only", message: "A static file cannot do this.", hint });
