/** An option of an `S3Backend` is wrong. */
export class S3OptionsError extends TypeError {
  override readonly name = 'S3OptionsError';

  /**
   * @param option its name
   * @param fix what is wrong with it and what to write, as the rest of a sentence that begins with its name
   */
  constructor(
    readonly option: string,
    fix: string,
  ) {
    super(`S3Backend: the option ${option} ${fix}`);
  }
}
