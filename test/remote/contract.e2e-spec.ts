import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ClientProxy } from '@nestjs/microservices';
import { SftpBackendClient } from 'nestjs-sftpd/microservices';
import { describeBackendContract } from 'nestjs-sftpd/testing';
import { killChildren } from '../smoke/child.js';
import { BackendService } from './support/backend-service.js';

let service: BackendService;
let proxy: ClientProxy;

beforeAll(async () => {
  service = await BackendService.start();
  proxy = service.proxy();
});

afterAll(async () => {
  await proxy.close();
  await service.disconnect();
  await killChildren();
});

describeBackendContract(
  {
    name: 'SftpBackendClient, of a MemoryBackend in another process over TCP',
    create: async () => {
      await service.reset();
      const backend = new SftpBackendClient(proxy);
      await backend.connect();
      return { backend };
    },
  },
  { describe, it, beforeEach, afterEach },
);

describeBackendContract(
  {
    name: 'SftpBackendClient with messages of 10 kB, without having asked what there is',
    create: async () => {
      await service.reset();
      const capabilities = ['linkInfo', 'setAttributes', 'copy', 'supportsSync'] as const;
      return { backend: new SftpBackendClient(proxy, { maxChunkBytes: 10_000, capabilities }) };
    },
    without: ['setLinkAttributes', 'symlink', 'readLink', 'hardLink', 'statVfs', 'ownerNames'],
  },
  { describe, it, beforeEach, afterEach },
);

describe('after all of it', () => {
  it('the other side has nothing open', async () => {
    expect(await service.state()).toMatchObject({ open: 0 });
  });
});
