export { S3Backend } from './s3-backend.js';
export type {
  RandomWrites,
  S3BackendOptions,
  S3Encryption,
  S3Log,
  SessionPrefix,
} from './s3-options.js';
export { S3OptionsError } from './s3-options.error.js';
export { S3PackagesMissingError } from './s3-packages-missing.error.js';
export { S3StartError } from './s3-start.error.js';
