export {
  Acceptance,
  type AuthenticationMethod,
  type AuthenticationProgress,
  type AuthenticationResult,
  type KeyboardInteractiveDialogue,
  type KeyboardInteractivePrompt,
  type KeyboardInteractiveRequest,
  PartialSuccess,
  Refusal,
  type SftpAuthenticator,
  type SftpPublicKey,
} from './auth/authenticator.js';
export { AddressPatterns } from './auth/keys/address-patterns.js';
export type { AuthorizedKeyOptions } from './auth/keys/authorized-key-options.js';
export { type AuthorizedKey, decodeAuthorizedKey } from './auth/keys/authorized-key.js';
export { AuthorizedKeys, type KeyVerdict } from './auth/keys/authorized-keys.js';
export {
  type AuthorizedKeysFile,
  parseAuthorizedKeysFile,
  type RefusedKeyLine,
} from './auth/keys/authorized-keys-file.js';
export { fingerprint, type FingerprintAlgorithm } from './auth/keys/fingerprint.js';
export type { Argon2Hash } from './auth/passwords/argon2.js';
export type { BcryptHash } from './auth/passwords/bcrypt.js';
export { type HashLimitOptions, TooManyHashesError } from './auth/passwords/hash-limit.js';
export { HashPackagesMissingError } from './auth/passwords/hash-packages-missing.error.js';
export { parsePasswordHash, type PasswordHash } from './auth/passwords/password-hash.js';
export { hashPassword, type ScryptHash } from './auth/passwords/scrypt.js';
export { type PasswordUser, StaticUsers } from './auth/static-users.js';
export type {
  AuthenticationFailedEvent,
  ConnectionRefusedEvent,
  RefusalReason,
  ServerListeningEvent,
  ServerStoppedEvent,
  SessionClosedEvent,
  SessionOpenedEvent,
} from './events/connection-events.js';
export type { SftpEventMap, SftpEventName } from './events/event-map.js';
export { quoted } from './events/printable.js';
export type {
  AcknowledgeGateContext,
  CommitGateContext,
  GateVerdict,
  OpenGateContext,
  RenameGateContext,
  SftpGateMap,
  SftpGateName,
} from './events/gate-map.js';
export type { Log } from './events/log.js';
export type { SftpEvents } from './events/sftp-events.js';
export type {
  ContentDigest,
  DownloadCompletedEvent,
  FileRenamedEvent,
  PathEvent,
  StorageEvent,
  TransferEvent,
  UploadAbortedEvent,
  UploadAbortReason,
  UploadCompletedEvent,
  UploadStartedEvent,
} from './events/storage-events.js';
export { sftpTracing } from './events/tracing.js';
export type {
  AuthenticationMessage,
  AuthenticationOutcome,
  ConnectionMessage,
  OperationMessage,
  ServerMessage,
  TraceMessage,
} from './events/tracing-messages.js';
export type {
  CopyOptions,
  NewFileOptions,
  OverwriteOption,
  OwnerIds,
  OwnerNames,
  RandomAccessBackend,
} from './filesystem/backend.js';
export type {
  AttributeChanges,
  DirEntry,
  FileInfo,
  FileType,
  VfsInfo,
} from './filesystem/file-info.js';
export type { FileWriter } from './filesystem/file-writer.js';
export {
  directoryInfo,
  type FileAttributes,
  regularFileInfo,
  symbolicLinkInfo,
} from './filesystem/make-file-info.js';
export type { MaybePromise } from './filesystem/maybe-promise.js';
export type { OpenFile, OpenFlags } from './filesystem/open-file.js';
export type { OpenFileOptions } from './filesystem/open-files/open-file-options.js';
export {
  baseName,
  childPath,
  isEntryName,
  isRootPath,
  isWithin,
  normalizePath,
  parentPath,
  pathSegments,
  rebasePath,
  ROOT_PATH,
  type SftpPath,
} from './filesystem/path.js';
export { ReadOnlyBackend } from './filesystem/read-only-backend.js';
export type {
  SessionAttributes,
  SessionLimits,
  SftpPeer,
  SftpSession,
} from './filesystem/session.js';
export {
  POSIX_ERRORS,
  type PosixErrorCode,
  SftpError,
  toSftpError,
} from './filesystem/sftp-error.js';
export type { Mount } from './filesystem/tree/mount.js';
export { mountTree, type MountTreeOptions } from './filesystem/tree/mount-tree.js';
export {
  type Permission,
  type PermissionRules,
  PERMISSIONS,
  readOnlyRules,
} from './filesystem/tree/permissions.js';
export { restricted } from './filesystem/tree/restricted.js';
export type { BackendSources } from './nest/backend-providers.js';
export { SftpBackendRegistry } from './nest/backend-registry.js';
export type {
  BackendOption,
  ResolveBackend,
  SessionAttributeOption,
  UseResolverOption,
} from './nest/backend-setting.js';
export { getSftpBackendToken } from './nest/backend-tokens.js';
export { InjectSftpBackend } from './nest/inject-sftp-backend.decorator.js';
export type { HandlerOptions } from './nest/handler-metadata.js';
export { nestLog } from './nest/nest-log.js';
export { OnSftpEvent } from './nest/on-sftp-event.decorator.js';
export type { CustomSource, ProviderSource, SourceImports } from './nest/provider-source.js';
export type {
  SftpBackendChoice,
  SftpBackendResolver,
  SftpTreeChoice,
} from './nest/session-choice.js';
export { SftpGate } from './nest/sftp-gate.decorator.js';
export { SftpBackend, type SftpBackendOptions } from './nest/sftp-backend.decorator.js';
export type {
  SftpModuleAsyncOptions,
  SftpModuleOptions,
  SftpModuleOptionsFactory,
  SftpModuleStatic,
  StaticUsersOption,
} from './nest/sftp-module-options.js';
export { SftpModule } from './nest/sftp.module.js';
export { SftpOptionsError } from './nest/sftp-options.error.js';
export { SftpServer, type SftpServerState } from './nest/sftp-server.js';
export { getSftpServerToken, SFTP_AUTHENTICATOR, SFTP_BACKEND } from './nest/tokens.js';
export type { Gate, GateOptions, SftpGates } from './session/hooks/gates.js';
export type { AccessOptions } from './server/admission/access-options.js';
export type { LockoutOptions } from './server/admission/lockout-options.js';
export type { LockoutRules, LockoutStore } from './server/admission/lockout-store.js';
export { MemoryLockoutStore } from './server/admission/memory-lockout-store.js';
export { MemoryPlacesStore } from './server/admission/memory-places-store.js';
export type { CountLimit, FullCount, PlacesStore } from './server/admission/places-store.js';
export type { ProxyProtocolOptions } from './server/admission/proxy-protocol-options.js';
export type { AlgorithmLists, AlgorithmPolicy } from './server/algorithms.js';
export type { LiveSession, LiveTransfer } from './server/live-sessions.js';
export type { HostKeyOptions, InlineHostKey } from './server/host-keys.js';
