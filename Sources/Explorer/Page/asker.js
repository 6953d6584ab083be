// One question at a time, always the newest: while an answer is on its way, moves of the hand only replace the question
// that comes next; an answer that takes long and has been outrun is given up.

const patience = 120;

export class Asker {
  #next = null;
  #running = null;
  #timer = null;

  /**
   * @param {(question: any, signal: AbortSignal) => Promise<any>} ask
   * @param {{answer: (answer: any, question: any) => void, fail: (error: Error, question: any) => void,
   *   asking: (isAsking: boolean) => void, slow: (isSlow: boolean) => void}} reactions `slow` after a while only
   */
  constructor(ask, reactions) {
    [this.ask, this.reactions] = [ask, reactions];
  }

  put(question) {
    this.#next = { question };
    if (!this.#running) this.#send();
    else this.#timer ??= setTimeout(() => {
      this.#timer = null;
      if (this.#next) this.#running?.controller.abort();
    }, Math.max(0, this.#running.since + patience - performance.now()));
  }

  /** Gives up what is asked and what would be asked next. */
  stop() {
    this.#next = null;
    this.#running?.controller.abort();
  }

  async #send() {
    const { question } = this.#next;
    this.#next = null;
    const running = { controller: new AbortController(), since: performance.now() };
    this.#running = running;
    const slow = setTimeout(() => this.reactions.slow(true), 250);
    this.reactions.asking(true);
    try {
      const answer = await this.ask(question, running.controller.signal);
      if (!running.controller.signal.aborted) this.reactions.answer(answer, question);
    } catch (error) {
      if (error.name !== "AbortError") {
        if (error.code === "too-many" || error.code === "overloaded") this.#again(question);
        else this.reactions.fail(error, question);
      }
    } finally {
      clearTimeout(slow);
      this.reactions.slow(false);
      this.#running = null;
      if (this.#next) this.#send(); else this.reactions.asking(false);
    }
  }

  /** The server asked for patience: the same question in a moment, unless there is a newer one. */
  #again(question) {
    setTimeout(() => { if (!this.#next && !this.#running) this.put(question); }, 500);
  }
}
