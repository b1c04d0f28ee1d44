export {
  describeBackendContract,
  type BackendContractOptions,
} from './contract/describe-backend-contract.js';
export { CAPABILITIES, type Capability } from './contract/capabilities.js';
export type { ContractRunner, CreatedBackend } from './contract/runner.js';
export type { UploadVisibility } from './contract/suite.js';
