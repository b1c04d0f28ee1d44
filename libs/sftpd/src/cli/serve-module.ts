import { type DynamicModule, Module } from '@nestjs/common';

import type { PasswordUser } from '../auth/static-users.js';
import type { SftpModuleOptions } from '../nest/sftp-module-options.js';
import type { SftpBackendChoice } from '../nest/session-choice.js';
import { SftpModule } from '../nest/sftp.module.js';
import { ActivityReporter, REPORTER_PARTS, type ReporterParts } from './activity.reporter.js';
import type { StartableBackend } from './make-backend.js';
import type { ServeSettings } from './settings.js';

/** What `serve` serves: its settings, and what was made of them. */
export interface Served extends ReporterParts {
  readonly settings: Pick<ServeSettings, 'host' | 'port' | 'readOnly' | 'algorithms'>;
  readonly user: PasswordUser;
  readonly backend: StartableBackend;
}

const FILES = 'files';

/** The SFTP server of `serve`, and who tells what happens in it. */
@Module({})
export class ServeModule {
  static for(served: Served): DynamicModule {
    const { output, hostKeys } = served;
    const parts: ReporterParts = { output, hostKeys };
    return {
      module: ServeModule,
      imports: [SftpModule.forRoot(optionsOf(served))],
      providers: [ActivityReporter, { provide: REPORTER_PARTS, useValue: parts }],
    };
  }
}

function optionsOf({ settings, hostKeys, user, backend }: Served): SftpModuleOptions {
  const { host, port, readOnly, algorithms } = settings;
  return {
    host,
    port,
    algorithms,
    hostKeys: { keys: hostKeys.map(({ privateKey }) => privateKey) },
    auth: { passwords: [user] },
    backends: { [FILES]: backend },
    backend: (): SftpBackendChoice => ({ backend: FILES, readOnly }),
    logUploads: false,
  };
}
