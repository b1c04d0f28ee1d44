import { Logger } from '@nestjs/common';
import { nestLog, type SftpBackend, type SftpModuleOptions } from 'nestjs-sftpd';
import { FolderBackend } from 'nestjs-sftpd/folder';
import { MemoryBackend } from 'nestjs-sftpd/memory';
import { S3Backend } from 'nestjs-sftpd/s3';
import type { GatewayConfig } from './environment.js';

/** The options of the SFTP server that the configuration describes. */
export function sftpOptions(config: GatewayConfig): SftpModuleOptions {
  return {
    host: config.host,
    port: config.port,
    hostKeys: { directory: config.hostKeyDirectory, create: true },
    auth: { passwords: config.users },
    backend: backendFor(config),
    ...(config.trustedProxies.length > 0 && {
      proxyProtocol: { trusted: config.trustedProxies },
    }),
    maxSessions: config.maxSessions,
    maxSessionsPerAddress: config.maxSessionsPerAddress,
    // Half of them may come from one address: as many as it may have sessions.
    maxPendingLogins: Math.max(200, 2 * config.maxSessionsPerAddress),
    loginTimeout: config.loginTimeout,
    idleTimeout: config.idleTimeout,
    drainTimeout: config.drainTimeout,
    // Workers can tell by it whether they have read what was uploaded.
    ...(config.ingestion && { uploadDigest: 'sha256' }),
  };
}

function backendFor({ storage, ingestion }: GatewayConfig): SftpBackend {
  switch (storage.kind) {
    case 'memory':
      return new MemoryBackend();
    case 'folder':
      return new FolderBackend({
        root: storage.root,
        create: true,
        atomicUploads: storage.atomicUploads,
        // Whoever gets the job of an upload is to find the file, whatever happens to the machine in between.
        durable: ingestion !== undefined,
        log: nestLog(new Logger(FolderBackend.name)),
      });
    case 's3': {
      const { kind: _kind, ...options } = storage;
      return new S3Backend({ ...options, log: nestLog(new Logger(S3Backend.name)) });
    }
  }
}
