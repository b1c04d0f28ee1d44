import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { SftpServer } from 'nestjs-sftpd';
import { MemoryBackend } from 'nestjs-sftpd/memory';
import { describeBackendContract, SftpTestClient, SftpTestServer } from 'nestjs-sftpd/testing';
import { UploadsModule } from './uploads.module.js';

describe('uploads', () => {
  it('are stored', async () => {
    const server = await SftpTestServer.start();
    const client = await server.connect();
    await client.writeFile('/order.csv', 'item,count\n');
    expect((await client.readFile('/order.csv')).toString()).toBe('item,count\n');
    await server.close();
  });

  it('are served by a testing module', async () => {
    const module = await Test.createTestingModule({
      imports: [UploadsModule],
    }).compile();
    const app = await module.init();
    const client = await SftpTestClient.connect(app.get(SftpServer), {
      username: 'dev',
      password: 'dev',
    });
    await client.mkdir('/inbox');
    expect((await client.list('/')).map(({ name }) => name)).toEqual(['inbox']);
    await client.close();
    await app.close();
  });
});

describeBackendContract(
  {
    name: 'MemoryBackend',
    create: () => ({ backend: new MemoryBackend(), dispose: () => undefined }),
  },
  { describe, it, beforeEach, afterEach },
);
