import { describe, expect, it } from '@jest/globals';
import { HealthIndicatorService } from '@nestjs/terminus';
import { Test } from '@nestjs/testing';

import { SftpServer, type SftpServerState } from '../nest/sftp-server.js';
import { getSftpServerToken } from '../nest/tokens.js';
import { SftpHealthIndicator } from './sftp.health.js';

async function indicatorOf(
  servers: Readonly<Record<string, SftpServerState>>,
): Promise<SftpHealthIndicator> {
  const module = await Test.createTestingModule({
    providers: [
      SftpHealthIndicator,
      HealthIndicatorService,
      ...Object.entries(servers).map(([name, state]) => ({
        provide: name === '' ? SftpServer : getSftpServerToken(name),
        useValue: { state, paused: false },
      })),
    ],
  }).compile();
  return module.get(SftpHealthIndicator);
}

describe('SftpHealthIndicator', () => {
  it.each([
    ['listening', 'up'],
    ['draining', 'down'],
    ['stopped', 'down'],
  ] as const)('a server that is %s is %s', async (state, status) => {
    const indicator = await indicatorOf({ '': state });
    expect(indicator.isListening('sftp')).toEqual({
      sftp: { status, state, paused: false },
    });
  });

  it('a server that is paused is down, though it listens', async () => {
    const server = { state: 'listening' as SftpServerState, paused: true };
    const module = await Test.createTestingModule({
      providers: [
        SftpHealthIndicator,
        HealthIndicatorService,
        { provide: SftpServer, useValue: server },
      ],
    }).compile();
    const result = module.get(SftpHealthIndicator).isListening('sftp');
    expect(result).toEqual({ sftp: { status: 'down', ...server } });
  });

  it('looks at a server by its name', async () => {
    const indicator = await indicatorOf({ '': 'listening', partners: 'draining' });
    expect(indicator.isListening('p', { server: 'partners' })).toEqual({
      p: { status: 'down', state: 'draining', paused: false },
    });
  });

  it('fails where there is no such server', async () => {
    const indicator = await indicatorOf({ '': 'listening' });
    expect(() => indicator.isListening('p', { server: 'nobody' })).toThrow('SftpServer:nobody');
  });
});
