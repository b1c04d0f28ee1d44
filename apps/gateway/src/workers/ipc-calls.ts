import { messageOf } from '../problems.js';

/** A process at the other end of a channel: the primary for a worker, a worker for the primary. */
export interface IpcPeer {
  /** @param done told of the failure to send it */
  send(message: object, done: (error: Error | null) => void): void;
  onMessage(listener: (message: unknown) => void): void;
  onDisconnect(listener: () => void): void;
}

/** What one end may be asked by the other. */
type Calls<Name extends string> = Readonly<Record<Name, (...parameters: never[]) => unknown>>;

type Answer<Call> = Call extends (...parameters: never[]) => infer Returned
  ? Awaited<Returned>
  : never;

interface Question {
  readonly sftpd: 'question';
  readonly id: number;
  readonly name: string;
  readonly parameters: readonly unknown[];
}

interface Reply {
  readonly sftpd: 'reply';
  readonly id: number;
  readonly value?: unknown;
  /** Why there is no value. */
  readonly problem?: string;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Questions and answers between two processes, over the channel that Node has between them. What is sent arrives in
 * its order.
 */
export class IpcCalls<Theirs extends Calls<Extract<keyof Theirs, string>>> {
  readonly #peer: IpcPeer;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #connected = true;

  /** @param own what the other end may ask; one that throws or rejects makes the question fail there */
  constructor(peer: IpcPeer, own: Calls<string>) {
    this.#peer = peer;
    peer.onMessage((message) => {
      if (!isOurs(message)) return;
      if (message.sftpd === 'question') void this.#answer(message, own);
      else this.#settle(message);
    });
    peer.onDisconnect(() => {
      this.#connected = false;
      for (const { reject } of this.#waiting.values()) reject(gone());
      this.#waiting.clear();
    });
  }

  /**
   * Asks the other end.
   *
   * @throws Error when it fails there, or the other end goes away; the wait itself has no limit
   */
  async call<Name extends Extract<keyof Theirs, string>>(
    name: Name,
    ...parameters: Parameters<Theirs[Name]>
  ): Promise<Answer<Theirs[Name]>> {
    if (!this.#connected) throw gone();
    const id = ++this.#lastId;
    const value = await new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#send({ sftpd: 'question', id, name, parameters }, (error) => {
        this.#waiting.delete(id);
        reject(error);
      });
    });
    return value as Answer<Theirs[Name]>;
  }

  async #answer({ id, name, parameters }: Question, own: Calls<string>): Promise<void> {
    let reply: Reply;
    try {
      const call = own[name];
      if (call === undefined) throw new Error(`Nobody answers ${name}`);
      reply = { sftpd: 'reply', id, value: await call(...(parameters as never[])) };
    } catch (error) {
      reply = { sftpd: 'reply', id, problem: messageOf(error) };
    }
    // Whoever asked may be gone by now.
    if (this.#connected) this.#send(reply, () => undefined);
  }

  #settle({ id, value, problem }: Reply): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (problem === undefined) waiting?.resolve(value);
    else waiting?.reject(new Error(problem));
  }

  #send(message: Question | Reply, failed: (error: Error) => void): void {
    this.#peer.send(message, (error) => {
      if (error) failed(error);
    });
  }
}

function isOurs(message: unknown): message is Question | Reply {
  return typeof message === 'object' && message !== null && 'sftpd' in message;
}

function gone(): Error {
  return new Error('The process at the other end is gone');
}
