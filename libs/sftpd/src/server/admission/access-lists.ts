import type { AccessOptions } from './access-options.js';
import { AddressList } from './address-list.js';

/** Says whose connections are taken. */
export class AccessLists {
  readonly #allow: AddressList | undefined;
  readonly #deny: AddressList;

  /** @throws TypeError that names an entry which is neither an address nor a network */
  constructor({ allow, deny = [] }: AccessOptions) {
    this.#allow = allow && new AddressList(allow);
    this.#deny = new AddressList(deny);
  }

  /**
   * Why connections from an address are not taken; `undefined` when they are.
   *
   * @param address in its canonical form
   */
  refusalOf(address: string): string | undefined {
    if (this.#deny.has(address)) return 'the address is denied (option access.deny)';
    if (this.#allow?.has(address) === false)
      return 'the address is not allowed (option access.allow)';
    return undefined;
  }
}
