// Answers of the server that opened the page. The token travels in a header; what is not 2xx becomes an AnswerError with
// the server's own words.

import { AnswerError, decodedMap } from "./answers.js";

export class LiveSource {
  isLive = true;
  #token;

  constructor(token) { this.#token = token; }

  session(signal) { return this.#json("/api/session", { signal }); }

  async map(run, kind) { return decodedMap(await this.#json(`/api/runs/${run}/map?kind=${kind}`)); }

  classOf(run, index) { return this.#json(`/api/runs/${run}/class/${index}`); }

  details(run, row, signal) { return this.#json(`/api/runs/${run}/images/${row}`, { signal }); }

  matches(first, second, index) {
    return this.#json(`/api/matches?first=${first}&second=${second}&class=${index}`);
  }

  walk(run, question, signal) { return this.#json(`/api/runs/${run}/walk?${walkQuery(question)}`, { signal }); }

  async image(row) { return createImageBitmap(await this.#blob(`/api/images/${row}`)); }

  async sheet(size, index) { return createImageBitmap(await this.#blob(`/api/sprites/${size}/${index}`)); }

  makeDirection(run, body) { return this.#write("POST", `/api/runs/${run}/directions`, body); }

  changeDirection(run, body) { return this.#write("PATCH", `/api/runs/${run}/directions`, body); }

  removeDirection(run, body) { return this.#write("DELETE", `/api/runs/${run}/directions`, body); }

  exportDirections(run, ids) {
    const query = ids.map(id => `id=${encodeURIComponent(id)}`).join("&");
    return this.#json(`/api/runs/${run}/export${query && "?" + query}`);
  }

  importDirections(run, files) { return this.#write("POST", `/api/runs/${run}/import`, { files }); }

  /** @returns {Promise<{blob: Blob, name: string}>} */
  async figure(run, query) {
    const answer = await this.#ask(`/api/runs/${run}/figure?${query}`);
    const name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1] ?? "figure";
    return { blob: await answer.blob(), name };
  }

  async command(run, query) { return (await this.#json(`/api/runs/${run}/command?${query}`)).command; }

  #write(method, path, body) {
    return this.#json(path, { method, body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
  }

  async #json(path, options) { return (await this.#ask(path, options)).json(); }

  async #blob(path) { return (await this.#ask(path)).blob(); }

  async #ask(path, { headers = {}, ...options } = {}) {
    let answer;
    try {
      answer = await fetch(path, { ...options, headers: { ...headers, Authorization: `Bearer ${this.#token ?? ""}` } });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new AnswerError({
        code: "unreachable", message: "The server does not answer.",
        hint: "Is `isda explore` still running? Start it again, and open the link that it prints.",
      });
    }
    if (answer.ok) return answer;
    const body = await answer.json().catch(() => null);
    throw new AnswerError(
      body?.error ?? { code: "failed", message: `The server answered ${answer.status} without a reason.` }, body ?? {});
  }
}

/** The query of a walk as the server reads it. */
export function walkQuery({ anchor, directions, query, spacing, control }) {
  const pairs = [["anchor", anchor]];
  for (const { id, position } of directions) pairs.push(["direction", id], ["position", Number(position.toFixed(4))]);
  pairs.push(["query", query], ["spacing", spacing], ["control", control]);
  return pairs.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join("&");
}
