import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { GatewayLogger, logLevels } from './logger.js';

const written = { stdout: '', stderr: '' };

beforeEach(() => {
  for (const name of ['stdout', 'stderr'] as const) {
    written[name] = '';
    jest.spyOn(process[name], 'write').mockImplementation((chunk) => {
      written[name] += String(chunk);
      return true;
    });
  }
});

afterEach(() => {
  jest.restoreAllMocks();
});

function nestFailure(logger: GatewayLogger): void {
  logger.error(new Error('the port is in use'), 'ExceptionHandler');
  logger.error('Error: listen EADDRINUSE', undefined, 'NestApplication');
}

describe('logLevels', () => {
  it.each([
    ['fatal', ['fatal']],
    ['warn', ['fatal', 'error', 'warn']],
    ['info', ['fatal', 'error', 'warn', 'log']],
    ['verbose', ['fatal', 'error', 'warn', 'log', 'debug', 'verbose']],
  ] as const)('%s logs %j', (threshold, levels) => {
    expect(logLevels(threshold)).toEqual(levels);
  });
});

describe('GatewayLogger in text mode', () => {
  it('announces a line plainly, whatever the level', () => {
    new GatewayLogger({ logFormat: 'text', logLevel: 'fatal' }).announce('ready');
    expect(written).toEqual({ stdout: 'ready\n', stderr: '' });
  });

  it('tells a failed start in one line, without its stack', () => {
    const logger = new GatewayLogger({ logFormat: 'text', logLevel: 'info' });
    const error = new Error('the port is in use:\n  choose another');
    nestFailure(logger);
    logger.startFailed(error);
    expect(written).toEqual({
      stdout: '',
      stderr: 'The gateway could not start: the port is in use: choose another\n',
    });
  });

  it('adds the stack of a failed start at debug level', () => {
    const logger = new GatewayLogger({ logFormat: 'text', logLevel: 'debug' });
    nestFailure(logger);
    logger.startFailed(new Error('the port is in use', { cause: new Error('EADDRINUSE') }));
    expect(written.stdout.match(/the port is in use\n\s+at /g)).toHaveLength(1);
    expect(written.stdout).toContain('EADDRINUSE');
  });

  it('logs other errors as errors', () => {
    const logger = new GatewayLogger({ logFormat: 'text', logLevel: 'error' });
    logger.error('disk on fire', 'SftpServer');
    expect(written.stderr).toContain('[SftpServer] disk on fire');
  });
});

describe('GatewayLogger in JSON mode', () => {
  it('announces a line as the message of one record, whatever the level', () => {
    new GatewayLogger({ logFormat: 'json', logLevel: 'fatal' }).announce('ready');
    expect(written.stdout).toMatch(/^[^\n]+\n$/);
    expect(JSON.parse(written.stdout)).toMatchObject({ level: 'log', message: 'ready' });
  });

  it('tells a failed start as one record', () => {
    const logger = new GatewayLogger({ logFormat: 'json', logLevel: 'info' });
    nestFailure(logger);
    logger.startFailed(new Error('the port is in use'));
    expect(written.stdout).toBe('');
    expect(written.stderr).toMatch(/^[^\n]+\n$/);
    expect(JSON.parse(written.stderr)).toMatchObject({
      level: 'fatal',
      message: 'The gateway could not start: the port is in use',
    });
  });
});
