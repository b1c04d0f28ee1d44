import type { RandomAccessBackend } from '../../filesystem/backend.js';
import type { MaybePromise } from '../../filesystem/maybe-promise.js';
import type { Operation } from '../wire/operations.js';
import type { WireValue } from '../wire/values.js';
import type { Copies } from './copies.js';
import type { LeaseTable } from './lease-table.js';
import type { ServedFile } from './served-file.js';
import type { ServedListing } from './served-listing.js';
import type { ServedRequest } from './served-request.js';
import type { CheckedControllerOptions } from './sftp-backend-controller-options.js';

/** The open files and listings of all clients. */
export type Handles = LeaseTable<ServedFile | ServedListing>;

/** What a handler works on. */
export interface ServedContext {
  readonly backend: RandomAccessBackend;
  readonly handles: Handles;
  readonly copies: Copies;
  readonly options: CheckedControllerOptions;
}

/** Does what one message asks for. What it throws is answered as a failure. */
export type OperationHandler = (
  context: ServedContext,
  request: ServedRequest,
) => MaybePromise<WireValue>;

export type OperationHandlers = Readonly<Record<Operation, OperationHandler>>;
