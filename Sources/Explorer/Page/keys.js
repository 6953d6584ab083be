// Every key of the page in one table, which is also the list that `?` shows. Single letters can be switched off, because
// people who dictate would press them unawares.

import { isDialogOpen, openDialog } from "./dialogs.js";
import { element, fill } from "./elements.js";

const stored = "isda-explorer-letters";

/** @param {object} does an action by the name that the table gives it */
export function listenToKeys(does) {
  const table = [
    ["The hand", [
      [["ArrowLeft"], "0.1σ back", () => does.step(-0.1)],
      [["ArrowRight"], "0.1σ on", () => does.step(0.1)],
      [["Shift+ArrowLeft"], "1σ back", () => does.step(-1)],
      [["Shift+ArrowRight"], "1σ on", () => does.step(1)],
      [["0"], "back to the anchor", () => does.home()],
      [["h"], "take the next slider into the hand", () => does.takeNext()],
      [["x"], "take this slider out", () => does.remove()],
    ]],
    ["What is walked", [
      [["j"], "next direction", () => does.direction(1)],
      [["k"], "direction before", () => does.direction(-1)],
      [["a"], "walk along the next direction as well", () => does.addNext()],
      [["n"], "next anchor", () => does.anchor(1)],
      [["p"], "anchor before", () => does.anchor(-1)],
      [["c"], "next class", () => does.classStep(1)],
      [["Shift+c"], "class before", () => does.classStep(-1)],
      [["q"], "along the axis, or nearest", () => does.query()],
      [["t"], "control on or off", () => does.control()],
    ]],
    ["Runs", [
      [["b"], "second run beside, or alone", () => does.beside()],
      [["s"], "swap the runs", () => does.swap()],
    ]],
    ["Map", [
      [["m"], "to the map (then arrows, Enter, Space)", () => does.toMap()],
      [["Shift+m"], "PCA or t-SNE", () => does.plane()],
      [["l"], "lasso", () => does.lasso()],
      [["+", "="], "closer", () => does.zoom(1.5)],
      [["-"], "farther", () => does.zoom(1 / 1.5)],
    ]],
    ["Directions", [
      [["f", "/"], "to the filter", () => does.filter()],
      [["e"], "name, note and range", () => does.edit()],
      [["d"], "a direction of your own", () => does.make()],
    ]],
    ["The page", [
      [["o"], "take away", () => does.takeAway()],
      [["g"], "light or dark", () => does.theme()],
      [["?"], "this list", () => openKeys(table)],
      [["Escape"], "close, or leave a field", () => document.activeElement?.blur()],
    ]],
  ];
  const actions = new Map(table.flatMap(([, keys]) => keys.flatMap(([names, , act]) => names.map(name => [name, act]))));

  addEventListener("keydown", event => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isDialogOpen()) return;
    const target = event.target;
    const isText = target.closest?.("input:not([type=range]):not([type=checkbox]), textarea, select, [contenteditable]");
    if (isText && event.key !== "Escape") return;
    const isLetter = event.key.length === 1;
    if (isLetter && event.key !== "?" && localStorageSays("off")) return;
    const name = event.shiftKey && (event.key.startsWith("Arrow") || /^[a-z]$/i.test(event.key))
      ? `Shift+${event.key.length === 1 ? event.key.toLowerCase() : event.key}` : event.key;
    const act = actions.get(name);
    if (!act) return;
    event.preventDefault();
    act();
  });
  return { openKeys: () => openKeys(table) };
}

function openKeys(table) {
  const letters = element("input", {
    type: "checkbox", id: "letters", onchange: () => store(letters.checked ? "on" : "off"),
  });
  letters.checked = !localStorageSays("off");
  openDialog({
    title: "Keys", isWide: true,
    body: [
      element("div", { class: "keys" }, table.map(([title, keys]) => element("section", {},
        element("h3", {}, title),
        element("dl", {}, keys.map(([names, does]) => [
          element("dt", {}, names.flatMap((name, place) => [place ? " or " : null, element("kbd", {}, written(name))])),
          element("dd", {}, does),
        ]).flat())))),
      element("p", { class: "check" }, letters, element("label", { for: "letters" }, "Single letters act (off for dictation)")),
    ],
  });
}

const signs = { ArrowLeft: "←", ArrowRight: "→", Escape: "Esc", "-": "−" };
const written = name => (name === "+" ? [name] : name.split("+")).map(part => signs[part] ?? part).join(" + ");

// Storage may be forbidden, in a file opened from a stick for instance; then letters act.
function localStorageSays(value) {
  try { return localStorage.getItem(stored) === value; } catch { return false; }
}
function store(value) {
  try { localStorage.setItem(stored, value); } catch { /* The choice holds for nobody but is no reason to fail. */ }
}
