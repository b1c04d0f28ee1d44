import { Logger } from '@nestjs/common';
import { nestLog, type SftpBackend, type SftpModuleOptions } from 'nestjs-sftpd';
import { FolderBackend } from 'nestjs-sftpd/folder';
import { MemoryBackend } from 'nestjs-sftpd/memory';
import { S3Backend } from 'nestjs-sftpd/s3';
import type { GatewayConfig } from './environment.js';
import type { Storage } from './storage.js';

/** The options of the SFTP server that the configuration describes. */
export function sftpOptions(config: GatewayConfig): SftpModuleOptions {
  return {
    host: config.host,
    port: config.port,
    hostKeys: { directory: config.hostKeyDirectory, create: true },
    auth: { passwords: config.users },
    backend: backendFor(config.storage),
    maxSessions: config.maxSessions,
    maxSessionsPerAddress: config.maxSessionsPerAddress,
    // Half of them may come from one address: as many as it may have sessions.
    maxPendingLogins: Math.max(200, 2 * config.maxSessionsPerAddress),
    loginTimeout: config.loginTimeout,
    idleTimeout: config.idleTimeout,
    drainTimeout: config.drainTimeout,
  };
}

function backendFor(storage: Storage): SftpBackend {
  switch (storage.kind) {
    case 'memory':
      return new MemoryBackend();
    case 'folder':
      return new FolderBackend({
        root: storage.root,
        create: true,
        atomicUploads: storage.atomicUploads,
        log: nestLog(new Logger(FolderBackend.name)),
      });
    case 's3': {
      const { kind: _kind, ...options } = storage;
      return new S3Backend({ ...options, log: nestLog(new Logger(S3Backend.name)) });
    }
  }
}
