import { inspect } from 'node:util';

import { Logger } from '@nestjs/common';

import type { RandomAccessBackend } from '../../filesystem/backend.js';
import { toSftpError } from '../../filesystem/sftp-error.js';
import { type Answer, failureAnswer } from '../wire/answer.js';
import { capabilitiesOf } from '../../filesystem/backend-methods.js';
import { isChanging, type Operation, patternOf, WIRE_VERSION } from '../wire/operations.js';
import { Copies } from './copies.js';
import { handleOperations } from './handle-operations.js';
import { LeaseTable } from './lease-table.js';
import type { OperationHandlers, ServedContext } from './operation-handlers.js';
import { pathOperations } from './path-operations.js';
import { RecentAnswers } from './recent-answers.js';
import type { ServedFile } from './served-file.js';
import type { ServedListing } from './served-listing.js';
import { ServedRequest } from './served-request.js';
import type { CheckedControllerOptions } from './sftp-backend-controller-options.js';

const HANDLERS: OperationHandlers = {
  describe: ({ backend }) => ({ version: WIRE_VERSION, capabilities: capabilitiesOf(backend) }),
  ...pathOperations,
  ...handleOperations,
};

/** A backend of this process at the service of others: one answer for each message. */
export class ServedBackend {
  readonly #context: ServedContext;
  readonly #recent = new RecentAnswers();
  readonly #underWay = new Set<Promise<Answer>>();
  readonly #logger = new Logger('SftpBackendController');

  constructor(backend: RandomAccessBackend, options: CheckedControllerOptions) {
    const handles = new LeaseTable<ServedFile | ServedListing>(options, (leased, failure) => {
      this.#reportAbandoned(leased, failure);
    });
    this.#context = { backend, handles, copies: new Copies(), options };
  }

  /** Serves one message, whatever it is. Never rejects. */
  async answer(operation: Operation, message: unknown): Promise<Answer> {
    try {
      const request = new ServedRequest(operation, message);
      const serve = (): Promise<Answer> => this.#serve(operation, request);
      return await (isChanging(operation) ? this.#recent.once(request.id, serve) : serve());
    } catch (error) {
      return this.#failure(operation, error);
    }
  }

  /**
   * Aborts all that is open, and lets the calls under way come to their end, within the time that a shutdown may
   * take. From now on nothing can be opened.
   */
  async stop(): Promise<void> {
    this.#context.copies.cancelAll();
    let timer: NodeJS.Timeout | undefined;
    const timeUp = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#context.options.shutdownTimeout);
    });
    const stopped = Promise.all([this.#context.handles.stop(), ...this.#underWay]);
    await Promise.race([stopped, timeUp]);
    clearTimeout(timer);
  }

  #serve(operation: Operation, request: ServedRequest): Promise<Answer> {
    const answer = this.#makeAnswer(operation, request);
    this.#underWay.add(answer);
    return answer.finally(() => this.#underWay.delete(answer));
  }

  async #makeAnswer(operation: Operation, request: ServedRequest): Promise<Answer> {
    try {
      return { value: await HANDLERS[operation](this.#context, request) };
    } catch (error) {
      return this.#failure(operation, error);
    }
  }

  /** The other side learns the code and a sentence; what the backend did not foresee is logged here, in full. */
  #failure(operation: Operation, error: unknown): Answer {
    const known = toSftpError(error);
    const pattern = patternOf(this.#context.options.pattern, operation);
    if (known.code === 'EIO' && known.cause !== undefined) {
      this.#logger.error(`${pattern} failed`, detailsOf(known.cause));
    } else {
      this.#logger.debug(`${pattern} failed: ${known.code} ${known.message}`);
    }
    return failureAnswer(known);
  }

  #reportAbandoned({ kind, path }: ServedFile | ServedListing, failure: unknown): void {
    const what = `The ${kind} ${JSON.stringify(path)}, which its client has left open,`;
    if (failure === undefined) this.#logger.warn(`${what} was let go of`);
    else this.#logger.error(`${what} could not be let go of`, detailsOf(failure));
  }
}

function detailsOf(cause: unknown): string {
  return cause instanceof Error && cause.stack !== undefined ? cause.stack : inspect(cause);
}
