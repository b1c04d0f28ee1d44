import type { GateVerdict, SftpGateMap, SftpGateName } from '../../events/gate-map.js';
import type { Log } from '../../events/log.js';
import type { MaybePromise } from '../../filesystem/maybe-promise.js';
import { SftpError } from '../../filesystem/sftp-error.js';
import { withTimeLimit } from '../time-limit.js';

/** Decides whether something may happen. */
export type Gate<Name extends SftpGateName> = (
  context: SftpGateMap[Name],
) => MaybePromise<GateVerdict>;

/** The gates of one server: what a client wants passes all that were set up for it, in their order. */
export class SftpGates {
  readonly #log: Pick<Log, 'error'>;
  readonly #timeout: number;
  readonly #gates = new Map<SftpGateName, Set<Gate<never>>>();

  /** @param timeout milliseconds that one gate may take */
  constructor(log: Pick<Log, 'error'>, timeout: number) {
    this.#log = log;
    this.#timeout = timeout;
  }

  /** @returns takes the gate away again */
  add<Name extends SftpGateName>(name: Name, gate: Gate<Name>): () => void {
    const gates = this.#gates.get(name) ?? new Set();
    this.#gates.set(name, gates);
    gates.add(gate);
    return () => {
      gates.delete(gate);
    };
  }

  /** Whether anybody has set up a gate. */
  has(name: SftpGateName): boolean {
    return (this.#gates.get(name)?.size ?? 0) > 0;
  }

  /**
   * Asks one gate after the other.
   *
   * @throws SftpError of the first that refuses: its own, or `EACCES` with its reason; `ETIMEDOUT`
   */
  async pass<Name extends SftpGateName>(name: Name, context: SftpGateMap[Name]): Promise<void> {
    for (const gate of this.#gates.get(name) ?? []) {
      const verdict = await this.#ask(name, gate, context);
      if (typeof verdict === 'string') throw new SftpError('EACCES', verdict);
      if (verdict === false) throw refusal();
    }
  }

  async #ask(name: string, gate: Gate<never>, context: unknown): Promise<GateVerdict> {
    try {
      const asked = (async () =>
        (gate as (context: unknown) => MaybePromise<GateVerdict>)(context))();
      return assertVerdict(
        await withTimeLimit(asked, this.#timeout, `the gate ${name} (option gateTimeout)`),
      );
    } catch (error) {
      if (error instanceof SftpError && error.code !== 'ETIMEDOUT') throw error;
      this.#log.error(
        `A gate of ${name} failed, and so refuses`,
        error instanceof Error ? error.stack : String(error),
      );
      throw refusal(error);
    }
  }
}

/** What is no verdict is no consent. */
function assertVerdict(verdict: unknown): GateVerdict {
  if (verdict === undefined || typeof verdict === 'boolean' || typeof verdict === 'string') {
    return verdict;
  }
  throw new TypeError('A gate returned what is neither a boolean nor a text');
}

function refusal(cause?: unknown): SftpError {
  return new SftpError('EACCES', 'Refused by the server', { cause });
}
