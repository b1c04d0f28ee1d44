import type { BackendContractOptions } from '../describe-backend-contract.js';

/** A backend that does one thing wrong. */
export interface Fault {
  /** What it does wrong. */
  readonly name: string;
  readonly contract: Omit<BackendContractOptions, 'name'>;
  /** Tests that must fail, as `GROUP > NAME`. */
  readonly reportedBy: readonly string[];
}
