// Elements of the page, made in one expression: `element("button", { class: "quiet", onclick: act }, "Save")`.

/**
 * @param {string} tag a name of HTML, or of SVG with the prefix `svg:`
 * @param {object} properties attributes by name; `on…` adds a listener, `data` and `style` take objects. Those that are
 *   null, undefined or false are left out, true stands for the empty attribute; `aria-…` say true and false.
 * @param {...(Node|string|null)} children null ones are left out
 */
export function element(tag, properties = {}, ...children) {
  const made = tag.startsWith("svg:")
    ? document.createElementNS("http://www.w3.org/2000/svg", tag.slice(4)) : document.createElement(tag);
  setProperties(made, properties);
  made.append(...children.flat().filter(child => child != null && child !== false));
  return made;
}

export function setProperties(target, properties) {
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) target.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(target.dataset, value);
    else if (name === "style") for (const [key, part] of Object.entries(value)) target.style.setProperty(key, part);
    else if (name.startsWith("aria-") && typeof value === "boolean") target.setAttribute(name, value);
    else if (value == null || value === false) target.removeAttribute(name);
    else target.setAttribute(name, value === true ? "" : value);
  }
}

/** Takes all children out and puts others in. */
export const fill = (parent, ...children) =>
  parent.replaceChildren(...children.flat().filter(child => child != null && child !== false));

/** Says something to screen readers without moving the focus. */
export function announce(text) {
  const place = document.getElementById("announcement");
  if (place && place.textContent !== text) place.textContent = text;
}

/** Runs a function at most once a frame, with the newest arguments. */
export function eachFrame(body) {
  let newest = null;
  return (...parts) => {
    if (newest === null) requestAnimationFrame(() => {
      const now = newest;
      newest = null;
      body(...now);
    });
    newest = parts;
  };
}

export const prefersReducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
