// What the page says when something is missing, slow or wrong: in words, with what to do, where the thing would be.

import { element } from "./elements.js";

/** A block in place of what is not there. */
export function notice({ title, text = null, command = null, action = null, isProblem = false }) {
  return element("div", { class: isProblem ? "notice problem" : "notice", role: isProblem ? "alert" : null },
    element("p", { class: "notice-title" }, title),
    text && element("p", {}, marked(text)),
    command && commandLine(command),
    action && element("button", { type: "button", onclick: action.act }, action.label));
}

/** An error of the server, or of the way to it. */
export function problemNotice(error, again = null) {
  return notice({
    title: error.message, text: error.hint ?? null, isProblem: true,
    action: again && { label: "Try again", act: again },
  });
}

/** A command with a button that copies it. */
export function commandLine(command) {
  const button = element("button", {
    type: "button", class: "quiet", "aria-label": "Copy the command", onclick: () => copy(command, button),
  }, "Copy");
  return element("div", { class: "command" }, element("code", { tabindex: 0 }, command), button);
}

export async function copy(text, button) {
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Select and copy by hand";
  }
  setTimeout(() => { button.textContent = label; }, 1500);
}

/** Words between backticks as code. */
function marked(text) {
  return text.split("`").map((part, place) => place % 2 ? element("code", {}, part) : part);
}

let timer = null;

/** One line at the edge of the page that goes away by itself; screen readers hear it. */
export function toast(text) {
  const place = document.getElementById("toast");
  place.textContent = text;
  place.classList.add("shown");
  clearTimeout(timer);
  timer = setTimeout(() => place.classList.remove("shown"), 5000);
}
