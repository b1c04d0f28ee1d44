import { describe, expect, it } from '@jest/globals';
import { listeningLine } from './listening-line.js';

describe('listeningLine', () => {
  it.each([
    ['127.0.0.1', 'IPv4', 'SFTP server listening on 127.0.0.1:2222'],
    ['::1', 'IPv6', 'SFTP server listening on [::1]:2222'],
    ['::', 'IPv6', 'SFTP server listening on [::]:2222'],
  ])('names %s', (address, family, line) => {
    expect(listeningLine({ address, family, port: 2222 })).toBe(line);
  });
});
