import type {
  KeyboardInteractiveDialogue,
  KeyboardInteractiveRequest,
} from '../../auth/authenticator.js';

/** Rounds of one dialogue: an application that asks until the answer is right would give endless guesses. */
const MAX_ROUNDS = 16;
const MAX_PROMPTS = 32;
/** Bytes of the texts of one round: with them a packet stays below what every client takes. */
const MAX_TEXT_BYTES = 16 * 1024;

/** A round of questions as ssh2 takes it, complete. */
export interface Questions {
  readonly name: string;
  readonly instruction: string;
  readonly prompts: { prompt: string; echo: boolean }[];
}

interface Answers {
  resolve(answers: readonly string[]): void;
  reject(error: Error): void;
}

/** One dialogue with the user of a client (RFC 4256). Once it has failed it stays so. */
export class Dialogue implements KeyboardInteractiveDialogue {
  readonly #send: (questions: Questions) => void;
  readonly #failed: Pick<Answers, 'reject'>;
  #waiting: Answers | undefined;
  #rounds = 0;
  #failure: Error | undefined;

  /** Rejects when the dialogue fails, whoever is to blame. */
  readonly failed: Promise<never>;

  /** @param send sends questions to the client */
  constructor(send: (questions: Questions) => void) {
    this.#send = send;
    const { promise, ...failed } = pending<never>();
    this.failed = promise;
    this.#failed = failed;
  }

  get failure(): Error | undefined {
    return this.#failure;
  }

  ask(request: KeyboardInteractiveRequest): Promise<readonly string[]> {
    const { promise, resolve, reject } = pending<readonly string[]>();
    try {
      if (this.#failure !== undefined) throw this.#failure;
      const questions = checked(request);
      if (this.#waiting !== undefined)
        throw new TypeError('A question is open; wait for its answer');
      if (this.#rounds >= MAX_ROUNDS) {
        throw new RangeError(`A dialogue has ${MAX_ROUNDS} rounds of questions at most`);
      }
      this.#rounds += 1;
      this.#waiting = { resolve, reject };
      this.#send(questions);
    } catch (error) {
      reject(error as Error);
      this.fail(error as Error);
    }
    return promise;
  }

  /** Gives the client's answers to whoever has asked. */
  answer(answers: readonly string[]): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(answers);
  }

  /** Ends the dialogue: what is open rejects, and nothing more can be asked. */
  fail(error: Error): void {
    this.#failure ??= error;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(this.#failure);
    this.#failed.reject(this.#failure);
  }
}

/** A promise that may reject without anybody waiting for it: an application may have gone on to something else. */
function pending<T>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: Error) => void;
} {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<T>((...settle) => {
    [resolve, reject] = settle;
  });
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}

/** @throws TypeError that says what is wrong with the questions */
function checked(request: KeyboardInteractiveRequest): Questions {
  const given = request as Partial<KeyboardInteractiveRequest> | null | undefined;
  const { prompts, name = '', instruction = '' } = given ?? {};
  if (!Array.isArray(prompts)) throw new TypeError('prompts: must be a list, empty if need be');
  if (prompts.length > MAX_PROMPTS) throw new TypeError(`prompts: ${MAX_PROMPTS} at most`);
  if (typeof name !== 'string') throw new TypeError('name: must be a text');
  if (typeof instruction !== 'string') throw new TypeError('instruction: must be a text');
  const complete = (prompts as readonly unknown[]).map((each, index) => {
    const { prompt, echo = false } = (each ?? {}) as { prompt?: unknown; echo?: unknown };
    if (typeof prompt !== 'string' || prompt === '') {
      throw new TypeError(`prompts[${index}].prompt: must be a text that is not empty`);
    }
    if (typeof echo !== 'boolean')
      throw new TypeError(`prompts[${index}].echo: must be true or false`);
    return { prompt, echo };
  });
  const bytes = [name, instruction, ...complete.map(({ prompt }) => prompt)]
    .map((text) => Buffer.byteLength(text))
    .reduce((sum, length) => sum + length, 0);
  if (bytes > MAX_TEXT_BYTES) {
    throw new TypeError(`the texts of one round: ${MAX_TEXT_BYTES} bytes at most`);
  }
  return { name, instruction, prompts: complete };
}
