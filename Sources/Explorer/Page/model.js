// What the page knows beside what it shows: the session, the directions of the chosen class in one run or two, which of
// them belong together, the groups that somebody gathered, and the walks that were answered last.

import { AnswerError } from "./answers.js";
import { Images } from "./images.js";
import { listed, nameOf } from "./listing.js";

export class Model {
  session = null;
  images = null;
  /** Answers of `class` for the run on the left and on the right; null while there is none. */
  left = null;
  right = null;
  matches = null;
  drafts = [];
  groups = { a: [], b: [] };
  /** The newest answer of `walk` on either side. */
  walks = { left: null, right: null };
  /** What kept the directions from coming. */
  problem = null;

  #listeners = new Map();
  #loading = 0;

  constructor(source, state) {
    [this.source, this.state] = [source, state];
    state.listen(changed => {
      if (changed.has("run")) this.drafts = [];
      if (["run", "beside", "class"].some(key => changed.has(key))) this.load();
    });
  }

  /** Events are `session`, `class` (directions came or went), `groups`, `walk` and `hint` (something to say). */
  on(event, listener) {
    this.#listeners.set(event, [...this.#listeners.get(event) ?? [], listener]);
  }

  tell(event, detail) {
    for (const listener of this.#listeners.get(event) ?? []) listener(detail);
  }

  get classes() { return this.session?.classes ?? []; }
  run(index) { return this.session?.runs[index] ?? null; }
  isReady(index) { return this.run(index)?.state === "ready"; }
  get canWrite() { return this.source.isLive && !this.session?.readOnly; }

  /** Asks what is here; of many answers the page needs only what has changed. */
  async refreshSession() {
    const before = this.session;
    const session = await this.source.session();
    this.session = session;
    if (!this.images && session.images && session.sprites) this.images = new Images(this.source, session);
    if (JSON.stringify(before) !== JSON.stringify(session)) this.tell("session");
    const { run, beside } = this.state.values;
    const isNew = index => index != null && this.isReady(index)
      && (before?.runs[index]?.state !== "ready" || before.runs[index].revision !== session.runs[index].revision);
    if (isNew(run) || isNew(beside)) await this.load();
  }

  /** Fetches the directions of the chosen class, and their partners in the other run. */
  async load() {
    const ticket = ++this.#loading;
    const { run, beside } = this.state.values;
    if (!this.isReady(run)) {
      [this.left, this.right, this.matches] = [null, null, null];
      return this.tell("class");
    }
    const index = Math.min(this.state.values.class, this.classes.length - 1);
    const other = beside != null && this.isReady(beside) ? beside : null;
    try {
      const [left, right, matches] = await Promise.all([
        this.source.classOf(run, index),
        other === null ? null : this.source.classOf(other, index),
        other === null ? null : this.source.matches(run, other, index),
      ]);
      if (ticket !== this.#loading) return;
      Object.assign(this, { left, right, matches, problem: null });
    } catch (error) {
      if (ticket !== this.#loading) return;
      if (!(error instanceof AnswerError)) throw error;
      Object.assign(this, { left: null, right: null, matches: null, problem: error });
    }
    this.#settle(index);
    this.tell("class");
  }

  /** Completes what the link left open: class, anchor and direction that exist. */
  #settle(index) {
    if (!this.left) return;
    const { anchor, directions } = this.state.values;
    const changes = {};
    if (this.state.values.class !== index) changes.class = index;
    if (anchor === null || anchor >= this.session.images.count) changes.anchor = this.left.anchors[0] ?? null;
    const known = directions.filter(({ id }) => this.direction(id));
    if (known.length !== directions.length || known.length === 0) {
      const first = known.length ? [] : this.#standIn(directions[0]);
      changes.directions = [...known, ...first];
    }
    this.state.set(changes);
  }

  /** The direction of this class that takes the place of one of another: of the same kind and rank if there is one. */
  #standIn(before) {
    const [, kind, rank] = /\.(\w+)\.(\d+)$/.exec(before?.id ?? "") ?? [];
    const direction = this.left.directions.find(d => d.class === this.left.class && d.id.endsWith(`.${kind}.${rank}`))
      ?? this.left.directions[0];
    return direction ? [{ id: direction.id, position: before?.position ?? 0 }] : [];
  }

  get directions() { return [...this.left?.directions ?? [], ...this.drafts]; }
  direction(id) { return this.directions.find(direction => direction.id === id) ?? null; }
  titleOf(id) {
    const direction = this.direction(id);
    return direction ? nameOf(direction) : id;
  }

  /** The directions in the order in which the list shows them. */
  get listed() { return listed(this.directions, this.state.values, id => this.partner(id)); }

  /** Where a direction of the left run is found in the right one. */
  partner(id) {
    const pair = this.matches?.pairs.find(pair => pair.first === id);
    if (!pair) return null;
    return { ...pair, direction: this.right?.directions.find(direction => direction.id === pair.second) ?? null };
  }

  setGroup(key, rows) {
    this.groups = { ...this.groups, [key]: [...new Set(rows)].sort((a, b) => a - b) };
    this.tell("groups");
  }

  setWalk(side, walk) {
    this.walks = { ...this.walks, [side]: walk };
    this.tell("walk");
  }

  /** Takes a direction that came back from the server into the lists at once. */
  replace(direction) {
    const list = direction.id.startsWith("draft.") ? this.drafts : this.left?.directions;
    if (!list) return;
    const place = list.findIndex(known => known.id === direction.id);
    if (place >= 0) list[place] = direction; else list.push(direction);
    this.tell("class");
  }
}
