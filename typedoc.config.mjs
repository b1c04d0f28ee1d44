// @ts-check
import { OptionDefaults } from 'typedoc';

/** What says itself: the names of errors, the sentences of POSIX codes, and members of types that have no name. */
const PLAIN = [
  'index.CustomSource.__type.useClass',
  'index.CustomSource.__type.useExisting',
  'index.CustomSource.__type.useValue',
  'index.HashPackagesMissingError.name',
  'index.OpenFlags.times.__type.accessedAt',
  'index.OpenFlags.times.__type.modifiedAt',
  'index.OperationMessage.error.__type.code',
  'index.SftpError.name',
  'index.SftpOptionsError.name',
  'index.SftpPath.__type.[canonical]',
  'index.TooManyHashesError.name',
  'backends/s3.S3OptionsError.name',
  'backends/s3.S3PackagesMissingError.name',
  'backends/s3.S3StartError.name',
  'testing.SftpTestError.name',
];

/** The POSIX codes that `POSIX_ERRORS` has; what each says is its value. */
const POSIX_CODES =
  'EACCES EAGAIN EBADF EBUSY EDQUOT EEXIST EFBIG EINVAL EIO EISDIR ELOOP EMFILE EMLINK ENAMETOOLONG ENOENT ENOSPC ' +
  'ENOTDIR ENOTEMPTY ENOTSUP EPERM EROFS ETIMEDOUT EXDEV';

/**
 * The API reference of the package: `npm run docs:api` writes it to `dist/api`, `npm run check:api` fails on an export
 * without a docstring and on a link that leads nowhere.
 *
 * @type {Partial<import('typedoc').TypeDocOptions>}
 */
export default {
  name: 'nestjs-sftpd',
  entryPoints: [
    'libs/sftpd/src/index.ts',
    'libs/sftpd/src/backends/memory/index.ts',
    'libs/sftpd/src/backends/folder/index.ts',
    'libs/sftpd/src/backends/s3/index.ts',
    'libs/sftpd/src/microservices/index.ts',
    'libs/sftpd/src/redis/index.ts',
    'libs/sftpd/src/opentelemetry/index.ts',
    'libs/sftpd/src/terminus/index.ts',
    'libs/sftpd/src/testing/index.ts',
  ],
  tsconfig: 'libs/sftpd/tsconfig.lib.json',
  out: 'dist/api',
  readme: 'libs/sftpd/README.md',
  includeVersion: true,
  disableSources: true,
  excludeExternals: true,
  excludeInternal: true,
  modifierTags: [...OptionDefaults.modifierTags, '@publicApi'],
  excludeTags: ['@publicApi'],
  requiredToBeDocumented: [
    'Accessor',
    'Class',
    'Enum',
    'EnumMember',
    'Function',
    'Interface',
    'Method',
    'Property',
    'TypeAlias',
    'Variable',
  ],
  intentionallyNotDocumented: [
    ...PLAIN,
    ...POSIX_CODES.split(' ').map((code) => `index.POSIX_ERRORS.__type.${code}`),
  ],
  validation: {
    invalidLink: true,
    invalidPath: true,
    notDocumented: true,
    notExported: false,
    rewrittenLink: true,
    unusedMergeModuleWith: true,
  },
  treatValidationWarningsAsErrors: true,
  treatWarningsAsErrors: true,
};
