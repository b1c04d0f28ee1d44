import type { GateVerdict, SftpGateMap, SftpGateName } from '../../events/gate-map.js';
import type { Log } from '../../events/log.js';
import type { MaybePromise } from '../../filesystem/maybe-promise.js';
import { SftpError } from '../../filesystem/sftp-error.js';
import { withTimeLimit } from '../time-limit.js';

/** Decides whether something may happen. */
export type Gate<Name extends SftpGateName> = (
  context: SftpGateMap[Name],
) => MaybePromise<GateVerdict>;

/** How a gate works. */
export interface GateOptions {
  /**
   * Whether a gate at `upload.commit` looks at the content. Storages keep uploads apart until they are committed only
   * where one does: on S3 that takes a temporary file.
   * @default true
   */
  readonly content?: boolean;
}

/** The gates of one server: what a client wants passes all that were set up for it, in their order. */
export class SftpGates {
  readonly #log: Pick<Log, 'error'>;
  readonly #timeout: number;
  readonly #gates = new Map<SftpGateName, Map<Gate<never>, GateOptions>>();

  /** @param timeout milliseconds that one gate may take */
  constructor(log: Pick<Log, 'error'>, timeout: number) {
    this.#log = log;
    this.#timeout = timeout;
  }

  /** @returns takes the gate away again */
  add<Name extends SftpGateName>(
    name: Name,
    gate: Gate<Name>,
    options: GateOptions = {},
  ): () => void {
    const gates = this.#gates.get(name) ?? new Map<Gate<never>, GateOptions>();
    this.#gates.set(name, gates);
    gates.set(gate, options);
    return () => {
      gates.delete(gate);
    };
  }

  /** Whether anybody has set up a gate. */
  has(name: SftpGateName): boolean {
    return (this.#gates.get(name)?.size ?? 0) > 0;
  }

  /** Whether one of the gates at `upload.commit` looks at the content. */
  get inspects(): boolean {
    const gates = this.#gates.get('upload.commit')?.values() ?? [];
    return [...gates].some(({ content = true }) => content);
  }

  /**
   * Asks one gate after the other.
   *
   * @throws SftpError of the first that refuses: its own, or `EACCES` with its reason; `ETIMEDOUT`
   */
  async pass<Name extends SftpGateName>(name: Name, context: SftpGateMap[Name]): Promise<void> {
    for (const gate of this.#gates.get(name)?.keys() ?? []) {
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
