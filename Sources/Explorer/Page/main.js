// Where the page begins: it opens the source of answers, reads the link, makes the views and the actions that they share,
// and keeps asking what is here while something is still being read.

import { AnswerError } from "./answers.js";
import { DirectionsView } from "./directions.js";
import { announce, element, fill } from "./elements.js";
import { listenToKeys } from "./keys.js";
import { MapPanel } from "./mapPanel.js";
import { Model } from "./model.js";
import { commandLine, notice, problemNotice } from "./notices.js";
import { openEditor, openMaker } from "./own.js";
import { openSource } from "./source.js";
import { State } from "./state.js";
import { openTakeAway } from "./takeaway.js";
import { WalkView } from "./walk.js";
import { percent } from "./numbers.js";

const state = new State(location.hash);
const source = openSource(state.token);
const model = new Model(source, state);
const byId = id => document.getElementById(id);
const darkSystem = matchMedia("(prefers-color-scheme: dark)");

const actions = {
  isDark: () => (state.values.theme ?? (darkSystem.matches ? "dark" : "light")) === "dark",
  chooseAnchor(row) {
    state.set({ anchor: row });
    announce(`Image ${row} is the anchor.`);
  },
  /** An image that the walk came to: the hand goes on from there. */
  startFrom(row) {
    state.set({ directions: state.values.directions.map(({ id }) => ({ id, position: 0 })) });
    actions.chooseAnchor(row);
  },
  chooseClass(index, anchor = null) {
    if (index !== state.values.class) state.set({ class: index, anchor });
  },
  /** In place of the one in the hand, at the same position. */
  chooseDirection(id) {
    const [active, ...others] = state.values.directions;
    if (active?.id === id) return;
    state.set({
      directions: [{ id, position: active?.position ?? 0 }, ...others.filter(other => other.id !== id)],
    });
    announce(`Along ${model.titleOf(id)}`);
  },
  toggleDirection(id) {
    const { directions } = state.values;
    if (directions.some(other => other.id === id)) {
      if (directions.length > 1) state.set({ directions: directions.filter(other => other.id !== id) });
    } else if (!source.isLive) {
      announce("A static file walks along one direction at a time.");
      actions.chooseDirection(id);
    } else if (directions.length < (model.session?.limits.directions ?? 4)) {
      state.set({ directions: [{ id, position: 0 }, ...directions] });
    }
  },
  edit: id => openEditor({ model, state, actions }, id),
  make: () => { if (model.canWrite && model.left) openMaker({ model, state, actions }); },
};

const shared = { state, model, actions };
const walk = new WalkView(byId("walk"), shared);
const directions = new DirectionsView(byId("directions"), shared);
const map = new MapPanel(byId("map"), shared);

const takeAway = () => { if (model.session) openTakeAway(shared); };
const toggleTheme = () => state.set({ theme: actions.isDark() ? "light" : "dark" });
const besides = () => model.session?.runs.filter(run => run.state === "ready" && run.run !== state.values.run) ?? [];
const toggleBeside = () => state.set({ beside: state.values.beside == null ? besides()[0]?.run ?? null : null });
const swap = () => {
  const { run, beside } = state.values;
  if (beside != null) state.set({ run: beside, beside: run });
};

const { openKeys } = listenToKeys({
  step: by => walk.step(by),
  home: () => { if (walk.active) walk.move(walk.active.id, 0); },
  takeNext: () => walk.takeNext(),
  remove: () => { if (walk.active) walk.remove(walk.active.id); },
  direction: by => directions.step(by),
  addNext() {
    const list = model.listed;
    const place = list.findIndex(direction => direction.id === state.values.directions[0]?.id);
    const next = [...list.slice(place + 1), ...list.slice(0, place + 1)]
      .find(direction => !state.values.directions.some(other => other.id === direction.id));
    if (next) actions.toggleDirection(next.id);
  },
  anchor: by => walk.nextAnchor(by),
  classStep(by) {
    const count = model.classes.length;
    if (count) actions.chooseClass((state.values.class + by + count) % count);
  },
  query: () => { if (source.isLive) state.set({ query: state.values.query === "axis" ? "local" : "axis" }); },
  control: () => state.set({ control: state.values.control === "none" ? "random" : "none" }),
  beside: toggleBeside, swap,
  toMap: () => map.focus(),
  plane: () => state.set({ map: state.values.map === "pca" ? "tsne" : "pca", view: null }),
  lasso: () => map.toggleLasso(),
  zoom: factor => map.zoom(factor),
  filter: () => byId("filter").focus(),
  edit: () => { if (walk.active) actions.edit(walk.active.id); },
  make: actions.make, takeAway, theme: toggleTheme,
});

// The head of the page

byId("take-away").addEventListener("click", takeAway);
byId("keys").addEventListener("click", openKeys);
byId("theme").addEventListener("click", toggleTheme);
byId("swap").addEventListener("click", swap);
byId("run").addEventListener("change", event => {
  const run = Number(event.target.value);
  state.set({ run, beside: state.values.beside === run ? null : state.values.beside });
});
byId("beside").addEventListener("change", event => {
  state.set({ beside: event.target.value === "" ? null : Number(event.target.value) });
});
for (const button of document.querySelectorAll("#places button")) {
  button.addEventListener("click", () => byId(button.dataset.place).scrollIntoView({ block: "start" }));
}

function showHead() {
  const { run, beside } = state.values;
  const runs = model.session?.runs ?? [];
  const option = ({ run, title, name, state, accuracy }) => element("option", { value: run },
    title ?? name, state === "ready" ? (accuracy == null ? "" : ` · ${percent(accuracy)} right`) : ` · ${words[state] ?? state}`);
  const key = JSON.stringify(runs);
  if (showHead.key !== key) {
    showHead.key = key;
    fill(byId("run"), runs.map(option));
    fill(byId("beside"), element("option", { value: "" }, "none"), runs.map(option));
  }
  byId("run").value = run;
  byId("beside").value = beside ?? "";
  for (const choice of byId("beside").options) choice.disabled = choice.value === String(run);
  byId("beside-part").hidden = runs.length < 2;
  byId("swap").hidden = beside == null;
  document.documentElement.dataset.theme = actions.isDark() ? "dark" : "light";
  byId("theme").setAttribute("aria-pressed", actions.isDark());
  byId("page").classList.toggle("two", beside != null && model.isReady(beside));
  document.title = [model.classes[state.values.class], model.run(run)?.title, "isda"].filter(Boolean).join(" · ");
}

const words = {
  loading: "being read", missing: "not there", unfinished: "unfinished", unanalysed: "not analysed", newer: "from a newer version",
  damaged: "damaged", "other-images": "on other images",
};

/** What stands over the page while a run cannot be walked: what is the matter and what to run. */
function showStates() {
  const shown = [state.values.run, state.values.beside].map(run => model.run(run)).filter(Boolean)
    .filter(run => run.state !== "ready");
  fill(byId("states"), shown.map(run => run.state === "loading"
    ? element("div", { class: "notice", role: "status" },
      element("p", { class: "notice-title" }, `Reading ${run.title ?? run.name} …`),
      run.progress == null ? null : element("progress", { value: run.progress, max: 1, "aria-label": `Reading ${run.name}` }))
    : element("div", { class: "notice problem", role: "alert" },
      element("p", { class: "notice-title" }, `${run.title ?? run.name}: ${words[run.state] ?? run.state}`),
      run.message && element("p", {}, run.message),
      run.command && [element("p", {}, "This mends it:"), commandLine(run.command)])));
  byId("page").classList.toggle("waiting", model.run(state.values.run)?.state !== "ready");
}

const showAll = () => { showHead(); showStates(); };
state.listen(changed => { if (["run", "beside", "class", "theme"].some(key => changed.has(key))) showAll(); });
for (const event of ["session", "class"]) model.on(event, showAll);
darkSystem.addEventListener("change", () => { showAll(); model.tell("session"); });

// Asking what is here: soon again while something is read, now and then because another page or command may have
// changed the directions, not at all while nobody looks.

let quiet = 0;
async function ask() {
  try {
    await model.refreshSession();
    if (quiet) fill(byId("failure"));
    quiet = 0;
  } catch (error) {
    quiet++;
    if (!(error instanceof AnswerError)) console.error(error);
    fill(byId("failure"), error.code === "no-token" ? notice({
      title: "This page needs the link that `isda explore` printed".replaceAll("`", ""), isProblem: true,
      text: "The link holds a token that is new at every start. Copy it from the terminal, or start `isda explore RUN` again.",
    }) : problemNotice(error instanceof AnswerError ? error : { message: "The page has failed.", hint: String(error) }, ask));
  }
  if (!source.isLive) return;
  clearTimeout(ask.timer);
  const isReading = !model.session || model.session.runs.some(run => run.state === "loading");
  ask.timer = setTimeout(() => { if (document.hidden) ask.missed = true; else ask(); }, isReading && !quiet ? 1000 : 4000);
}
document.addEventListener("visibilitychange", () => {
  if (document.hidden || !ask.missed) return;
  ask.missed = false;
  ask();
});
showAll();
ask();
