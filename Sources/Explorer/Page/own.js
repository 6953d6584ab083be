// Directions of one's own: two groups of images become a direction, and directions get names, notes and ranges. Two
// pages may do this at a time: who comes second sees what the first one wrote and decides.

import { field, openDialog } from "./dialogs.js";
import { element, fill } from "./elements.js";
import { nameOf } from "./listing.js";
import { problemNotice, toast } from "./notices.js";
import { grouped, sigmas } from "./numbers.js";

/** The bar below the map: what is gathered in either group, and the way to a direction. */
export class GroupBar {
  constructor({ model, actions }) {
    Object.assign(this, { model, actions });
    this.root = element("div", { class: "groups", role: "group", "aria-label": "Groups of images" });
    model.on("groups", () => this.show());
    model.on("session", () => this.show());
  }

  show() {
    const { groups, canWrite } = this.model;
    if (!canWrite) return fill(this.root);
    const group = key => element("span", { class: "group" },
      element("span", { class: `group-sign ${key}`, "aria-hidden": "true" }),
      `${key.toUpperCase()}: ${groups[key].length ? grouped(groups[key].length) + " images" : "empty"}`,
      groups[key].length ? element("button", {
        type: "button", class: "quiet", "aria-label": `Empty group ${key.toUpperCase()}`, onclick: () => this.model.setGroup(key, []),
      }, "×") : null);
    fill(this.root, group("a"), group("b"),
      element("button", { type: "button", id: "make-direction", onclick: () => this.actions.make() }, "Direction A − B …"));
  }
}

/** What to do with images that a lasso has caught. */
export function lassoBar({ rows, model, done }) {
  const into = (key, label) => element("button", {
    type: "button", onclick: () => { model.setGroup(key, [...model.groups[key], ...rows]); done(); },
  }, label);
  return element("div", { class: "lasso-bar", role: "group", "aria-label": "Lassoed images" },
    element("span", {}, `${grouped(rows.length)} images`), into("a", "to A"), into("b", "to B"),
    element("button", { type: "button", class: "quiet", "aria-label": "Discard", onclick: done }, "×"));
}

/** Makes a direction out of the groups. */
export function openMaker({ model, state, actions }) {
  const { groups, classes } = model;
  const run = state.values.run;
  const groupChoice = key => element("select", {},
    groups[key].length ? element("option", { value: "rows" }, `the ${grouped(groups[key].length)} images gathered`) : null,
    key === "b" ? element("option", { value: "rest" }, "what is not in A, of those measured on") : null,
    classes.map((name, index) => element("option", { value: `class ${index}` }, `class ${name}`)));
  const a = groupChoice("a"), b = groupChoice("b");
  const near = element("input", { type: "checkbox" });
  const neighbours = element("input", { type: "number", min: 1, max: 10000, value: 50 });
  const without = element("select", {}, element("option", { value: "" }, "nothing"),
    model.directions.filter(({ kind }) => kind !== "draft").map(direction => element("option", { value: direction.id }, nameOf(direction))));
  const measured = element("select", {}, element("option", { value: "" }, "all test images"),
    classes.map((name, index) => element("option", { value: index }, name)));
  // Whole classes differ from each other, gathered images mostly within one.
  measured.value = groups.a.length ? state.values.class : "";
  const name = element("input", { type: "text", maxlength: 100, autocomplete: "off" });
  const note = element("textarea", { rows: 2, maxlength: 2000 });
  const message = element("div");
  const group = (choice, key) => choice.value === "rows" ? { rows: groups[key] }
    : choice.value === "rest" ? { rest: true } : { class: Number(choice.value.slice(6)) };

  const send = async save => {
    fill(message);
    const body = {
      a: group(a, "a"), b: group(b, "b"),
      near: near.checked ? { anchor: state.values.anchor, neighbours: Number(neighbours.value) } : null,
      without: without.value || null, class: measured.value === "" ? null : Number(measured.value),
      name: name.value.trim(), note: note.value.trim(), save,
    };
    if (save && body.name === "") {
      name.focus();
      return fill(message, problemNotice({ message: "A direction that is kept needs a name.", hint: "Or try it as a draft first." }));
    }
    try {
      const { direction } = await model.source.makeDirection(run, body);
      model.replace(save ? direction : { ...direction, kind: "draft", name: direction.name || "A − B" });
      if (save) await model.refreshSession();
      dialog.close();
      actions.chooseDirection(direction.id);
      toast(save ? `“${nameOf(direction)}” is in the run folder.` : "A draft: it lasts until the server ends.");
    } catch (error) {
      fill(message, problemNotice(error));
    }
  };
  const dialog = openDialog({
    title: "A direction of your own",
    body: element("form", { onsubmit: event => { event.preventDefault(); send(true); } },
      element("p", { class: "lead" }, "From the mean of group B to the mean of group A. Gather groups on the map with the lasso, or with Space and Shift + Space on an image."),
      element("div", { class: "pair" }, field("Group A", a), field("less group B", b)),
      element("div", { class: "check" }, near, labelFor(near, "Local: only those nearest to the anchor,"), neighbours, labelFor(neighbours, "of each group")),
      field("Conditional: project out", without),
      field("σ and range measured on", measured),
      field("Name", name), field("Note", note), message,
      element("div", { class: "buttons" },
        element("button", { type: "button", onclick: () => send(false) }, "Try as a draft"),
        element("button", { type: "submit", class: "primary" }, "Save in the run folder"))),
  });
  name.focus();
}

function labelFor(control, text) {
  control.id ||= `own-${++labels}`;
  return element("label", { for: control.id }, text);
}
let labels = 0;

/** Name, note and useful range of a direction. */
export function openEditor({ model, state, actions }, id) {
  const run = state.values.run;
  let direction = model.direction(id);
  if (!direction || !model.canWrite) return;
  if (direction.kind === "draft") return openMaker({ model, state, actions });
  const name = element("input", { type: "text", maxlength: 100, autocomplete: "off" });
  const note = element("textarea", { rows: 3, maxlength: 2000 });
  const number = () => element("input", { type: "number", step: "any", min: -20, max: 20, required: true });
  const lower = number(), upper = number();
  const message = element("div");
  const put = from => {
    [name.value, note.value] = [from.name ?? "", from.note ?? ""];
    [lower.value, upper.value] = [Number(from.lower.toFixed(2)), Number(from.upper.toFixed(2))];
  };
  put(direction);
  const toHand = (input, text) => element("button", {
    type: "button", class: "quiet", onclick: () => {
      input.value = state.values.directions.find(other => other.id === id)?.position ?? 0;
    },
  }, text);

  const changes = () => {
    const body = { id, version: direction.version };
    if (name.value.trim() !== (direction.name ?? "")) body.name = name.value.trim();
    if (note.value.trim() !== (direction.note ?? "")) body.note = note.value.trim();
    if (Number(lower.value) !== Number(direction.lower.toFixed(2))) body.lower = Number(lower.value);
    if (Number(upper.value) !== Number(direction.upper.toFixed(2))) body.upper = Number(upper.value);
    return body;
  };

  const attempt = async (act, done) => {
    fill(message);
    try {
      await act();
      await model.refreshSession();
      dialog.close();
      toast(done);
    } catch (error) {
      if (error.code !== "conflict") return fill(message, problemNotice(error));
      const theirs = error.answer.direction;
      if (!theirs) {
        fill(message, problemNotice({ message: "Somebody has deleted this direction meanwhile.", hint: null }));
        return model.load();
      }
      // What they wrote becomes the state to compare with; what is in the fields stays until somebody decides.
      direction = theirs;
      model.replace(theirs);
      fill(message, element("div", { class: "notice problem conflict", role: "alert" },
        element("p", { class: "notice-title" }, "Somebody changed this direction meanwhile."),
        element("dl", {}, [["Name", theirs.name ?? "none"], ["Note", theirs.note ?? "none"],
          ["Range", `${sigmas(theirs.lower)} to ${sigmas(theirs.upper)}`]].map(([term, value]) => [
          element("dt", {}, term), element("dd", {}, value)]).flat()),
        element("div", { class: "buttons" },
          element("button", { type: "button", onclick: () => { put(theirs); fill(message); } }, "Take theirs"),
          element("button", { type: "button", onclick: save }, "Write mine over it"))));
    }
  };
  const save = () => {
    if (Number(lower.value) > Number(upper.value)) {
      return fill(message, problemNotice({ message: "The range has to rise: its first number is the smaller one.", hint: null }));
    }
    const body = changes();
    if (Object.keys(body).length === 2) return dialog.close();
    attempt(async () => model.replace((await model.source.changeDirection(run, body)).direction), "Saved in the run folder.");
  };
  const remove = () => {
    const others = state.values.directions.filter(other => other.id !== id);
    attempt(async () => {
      await model.source.removeDirection(run, { id, version: direction.version });
      state.set({ directions: others });
      await model.load();
    }, "Deleted.");
  };
  const dialog = openDialog({
    title: direction.title,
    body: element("form", { onsubmit: event => { event.preventDefault(); save(); } },
      element("p", { class: "lead" }, element("code", {}, id)),
      field("Name", name, "What you see change along it. Empty takes the name away."),
      field("Note", note),
      element("div", { class: "pair" },
        field("Useful from, σ", lower), field("to, σ", upper)),
      element("div", { class: "buttons start" }, toHand(lower, "from where the hand is"), toHand(upper, "to where the hand is")),
      message,
      element("div", { class: "buttons" },
        direction.mine ? element("button", { type: "button", class: "danger", onclick: remove }, "Delete") : null,
        element("button", { type: "submit", class: "primary" }, "Save"))),
  });
  name.select();
}
