/** The S3 backend was started without the packages of the AWS SDK, which are optional. */
export class S3PackagesMissingError extends Error {
  override readonly name = 'S3PackagesMissingError';

  /** @param packages the names of those that could not be found */
  constructor(
    readonly packages: readonly string[],
    options?: ErrorOptions,
  ) {
    super(
      `The S3 backend needs ${packages.join(' and ')}: install with \`npm install ${packages.join(' ')}\``,
      options,
    );
  }
}
