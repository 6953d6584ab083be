// Dialogs in one form: a title, a body, buttons; Escape and a click beside it close. The browser's own <dialog> keeps the
// focus inside and gives it back.

import { element } from "./elements.js";

/** @returns {HTMLDialogElement} open, with its body filled; it leaves the page when it is closed */
export function openDialog({ title, body, isWide = false }) {
  const close = element("button", { type: "button", class: "quiet close", "aria-label": "Close", onclick: () => dialog.close() }, "×");
  const dialog = element("dialog", { class: isWide ? "wide" : null, "aria-labelledby": "dialog-title" },
    element("div", { class: "dialog-head" }, element("h2", { id: "dialog-title" }, title), close),
    element("div", { class: "dialog-body" }, body));
  dialog.addEventListener("click", event => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

export const isDialogOpen = () => document.querySelector("dialog[open]") !== null;

/** A labelled field; `help` stands below it and belongs to it. */
export function field(label, control, help = null) {
  const id = control.id || `field-${++fields}`;
  control.id = id;
  if (help) control.setAttribute("aria-describedby", `${id}-help`);
  return element("div", { class: "field" }, element("label", { for: id }, label), control,
    help && element("p", { class: "help", id: `${id}-help` }, help));
}
let fields = 0;
