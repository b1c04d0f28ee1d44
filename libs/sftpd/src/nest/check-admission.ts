import { addressEntryProblem } from '../server/admission/address-list.js';
import { LOCKOUT_DEFAULTS } from '../server/admission/lockout.js';
import type { LockoutStore } from '../server/admission/lockout-store.js';
import type { PlacesStore } from '../server/admission/places-store.js';
import { isRecord, numberProblems, unknownKeys } from './option-problems.js';
import type { SftpModuleOptions } from './sftp-module-options.js';

const MAX_TIME = 2 ** 31 - 1;

const LOCKOUT_NUMBERS = {
  maxFailures: { min: 1, max: 1_000_000 },
  failureWindow: { min: 1, max: MAX_TIME },
  lockTime: { min: 1, max: MAX_TIME },
  maxLockTime: { min: 1, max: MAX_TIME },
};

const STORE_METHODS = ['fail', 'lockedFor', 'forgive'] as const satisfies (keyof LockoutStore)[];

const PLACES_METHODS = ['take', 'giveBack'] as const satisfies (keyof PlacesStore)[];

/** What is wrong with the options `access`, `lockout`, `placesStore` and `proxyProtocol`. */
export function admissionProblems({
  access,
  lockout,
  placesStore,
  proxyProtocol,
}: Pick<SftpModuleOptions, 'access' | 'lockout' | 'placesStore' | 'proxyProtocol'>): string[] {
  return [
    ...accessProblems(access),
    ...lockoutProblems(lockout),
    ...storeProblems(placesStore, 'placesStore', 'PlacesStore', PLACES_METHODS),
    ...proxyProtocolProblems(proxyProtocol),
  ];
}

function accessProblems(access: unknown): string[] {
  if (access === undefined) return [];
  if (!isRecord(access)) return ["access: must be an object, like { allow: ['10.0.0.0/8'] }"];
  return [
    ...unknownKeys(access, ['allow', 'deny'], 'access.'),
    // An empty list would allow nobody.
    ...listProblems(access['allow'], 'access.allow', 1),
    ...listProblems(access['deny'], 'access.deny', 0),
  ];
}

function lockoutProblems(lockout: unknown): string[] {
  if (lockout === undefined || lockout === false) return [];
  if (!isRecord(lockout)) return ['lockout: must be false, or an object like { maxFailures: 10 }'];
  const { exempt, store, ...numbers } = lockout;
  const problems = numberProblems(LOCKOUT_NUMBERS, numbers, 'lockout.');
  return [
    ...unknownKeys(lockout, [...Object.keys(LOCKOUT_NUMBERS), 'exempt', 'store'], 'lockout.'),
    ...problems,
    ...(problems.length === 0 ? lockTimeProblems(numbers) : []),
    ...listProblems(exempt, 'lockout.exempt', 0),
    ...storeProblems(store, 'lockout.store', 'LockoutStore', STORE_METHODS),
  ];
}

function lockTimeProblems(numbers: Readonly<Record<string, unknown>>): string[] {
  const lockTime = numbers['lockTime'] ?? LOCKOUT_DEFAULTS.lockTime;
  const maxLockTime = numbers['maxLockTime'] ?? LOCKOUT_DEFAULTS.maxLockTime;
  return Number(lockTime) <= Number(maxLockTime)
    ? []
    : ['lockout.maxLockTime: must not be less than lockout.lockTime'];
}

function storeProblems(
  store: unknown,
  option: string,
  contract: string,
  required: readonly string[],
): string[] {
  if (store === undefined) return [];
  const methods = Object(store) as Readonly<Record<string, unknown>>;
  const missing = required.filter((name) => typeof methods[name] !== 'function');
  return missing.length === 0
    ? []
    : [`${option}: must be a ${contract}; it has no method ${missing.join(', ')}`];
}

function proxyProtocolProblems(proxyProtocol: unknown): string[] {
  if (proxyProtocol === undefined) return [];
  if (!isRecord(proxyProtocol) || proxyProtocol['trusted'] === undefined) {
    return ["proxyProtocol: must name the balancers, like { trusted: ['10.0.0.5'] }"];
  }
  return [
    ...unknownKeys(proxyProtocol, ['trusted'], 'proxyProtocol.'),
    ...listProblems(proxyProtocol['trusted'], 'proxyProtocol.trusted', 1),
  ];
}

function listProblems(list: unknown, option: string, least: number): string[] {
  if (list === undefined) return [];
  if (!Array.isArray(list)) return [`${option}: must be a list of IP addresses and networks`];
  if (list.length < least) {
    return [`${option}: must not be empty; name an address or a network, or leave it out`];
  }
  return list.flatMap((entry: unknown, index) => {
    const problem = addressEntryProblem(entry);
    return problem === undefined ? [] : [`${option}[${index}]: ${problem}`];
  });
}
