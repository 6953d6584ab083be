// Where answers come from: the server that opened the page, or the data that a static file holds. Both answer the same
// questions (docs/EXPLORER.md), so that no other module knows which of them it talks to.

import { FilmSource } from "./film.js";
import { LiveSource } from "./live.js";

/** @param {string|null} token from the link */
export function openSource(token) {
  const embedded = document.getElementById("explorer-data");
  return embedded ? new FilmSource(JSON.parse(embedded.textContent)) : new LiveSource(token);
}
