import type { Answer } from '../wire/answer.js';

/** Answers that are kept; those to changes are small. */
const MAX_ANSWERS = 4096;

/**
 * The answers to the last changes. A transport that delivers a message a second time (a broker after a lost
 * acknowledgement) gets the first one's answer, and the change takes effect once.
 */
export class RecentAnswers {
  readonly #answers = new Map<string, Promise<Answer>>();

  /** Makes the answer to a request, unless it has been made already. */
  once(request: string, make: () => Promise<Answer>): Promise<Answer> {
    const known = this.#answers.get(request);
    if (known !== undefined) return known;
    const answer = make();
    this.#answers.set(request, answer);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > MAX_ANSWERS && oldest !== undefined) this.#answers.delete(oldest);
    return answer;
  }
}
