/** A password hash is of a kind whose package, which is optional, is not installed. */
export class HashPackagesMissingError extends Error {
  override readonly name = 'HashPackagesMissingError';

  /**
   * @param packages the names of those that could not be found
   * @param whose who has such a hash, as it stands in the message
   */
  constructor(
    readonly packages: readonly string[],
    whose: readonly string[],
    options?: ErrorOptions,
  ) {
    super(
      `The password hash of ${whose.join(' and that of ')} needs ${packages.join(' and ')}: install with ` +
        `\`npm install ${packages.join(' ')}\``,
      options,
    );
  }
}
