/** The options of `SftpModule` cannot be used; the message names each option and its fix. */
export class SftpOptionsError extends Error {
  override readonly name = 'SftpOptionsError';

  /** @param problems one sentence each, the option's name first */
  constructor(readonly problems: readonly string[]) {
    super(`SftpModule cannot start:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}
