import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';

import { BackendExplorer } from './backend-explorer.js';
import { BackendLinks } from './backend-links.js';
import { linkProviders, linkTokens } from './backend-tokens.js';
import { BACKEND_LINKS } from './tokens.js';

linkProviders.push(BackendExplorer, { provide: BACKEND_LINKS, useClass: BackendLinks });
linkTokens.push(BackendExplorer, BACKEND_LINKS);

/** Makes the backends of the application injectable in all its modules. */
@Global()
@Module({ imports: [DiscoveryModule], providers: linkProviders, exports: linkTokens })
export class SftpBackendLinksModule {}
