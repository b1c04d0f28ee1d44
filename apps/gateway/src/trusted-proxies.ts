import { isIP } from 'node:net';
import { quote } from './problems.js';
import type { Variables } from './variables.js';

/**
 * Reads `SFTP_TRUSTED_PROXIES`: addresses and networks of balancers, with commas between them.
 *
 * @returns none where no balancer is expected
 */
export function readTrustedProxies(variables: Variables): readonly string[] {
  const text = variables.text('SFTP_TRUSTED_PROXIES');
  if (text === undefined) return [];
  const entries = text.split(',').map((entry) => entry.trim());
  for (const entry of entries) {
    if (isNetwork(entry)) continue;
    variables.problems.push(
      `SFTP_TRUSTED_PROXIES must be IP addresses and networks such as 10.0.0.5,10.0.1.0/24, with commas between them; ${quote(entry)} is neither`,
    );
  }
  return entries;
}

function isNetwork(entry: string): boolean {
  const [, address = '', bits = '0'] = /^([^/%]+)(?:\/(0|[1-9]\d{0,2}))?$/.exec(entry) ?? [];
  const family = isIP(address);
  return family !== 0 && Number(bits) <= (family === 4 ? 32 : 128);
}
