export {
  CAPABILITIES,
  type Capability,
  CONTENT_METHODS,
  type ContentMethod,
} from '../filesystem/backend-methods.js';
export {
  type ContractReport,
  formatContractReport,
  type ReportedGroup,
  type ReportedTest,
  type TestOutcome,
} from './contract/contract-report.js';
export {
  type BackendContractOptions,
  describeBackendContract,
} from './contract/describe-backend-contract.js';
export { type ReadOnlyFiles, SAMPLE_FILES } from './contract/read-only-files.js';
export type { ContractRunner, CreatedBackend } from './contract/runner.js';
export type { OpenFileBinding, UploadVisibility } from './contract/suite.js';
export {
  SftpTestClient,
  type SftpTestAttributes,
  type SftpTestChanges,
  type SftpTestEntry,
  type SftpTestLogin,
} from './application/sftp-test-client.js';
export { SftpTestError, type SftpStatusName } from './application/sftp-test-error.js';
export { SftpTestServer, type SftpTestServerOptions } from './application/sftp-test-server.js';
export { generateTestKey, type SftpTestKey } from './application/test-key.js';
