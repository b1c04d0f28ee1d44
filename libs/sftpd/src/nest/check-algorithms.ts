import { supportedAlgorithms } from '../server/ssh2-internals.js';
import { isRecord, unknownKeys } from './option-problems.js';

const LISTS = ['kex', 'serverHostKey', 'cipher', 'hmac'] as const;

/** What is wrong with the option `algorithms`: a policy, or lists of names that ssh2 supports here. */
export function algorithmsProblems(value: unknown): string[] {
  if (value === undefined || value === 'modern' || value === 'legacy') return [];
  if (!isRecord(value)) {
    return [
      `algorithms: must be 'modern', 'legacy' or an object with any of the lists ${LISTS.join(', ')}`,
    ];
  }
  const supported = supportedAlgorithms();
  return [
    ...unknownKeys(value, LISTS, 'algorithms.'),
    ...LISTS.flatMap((list) => listProblems(`algorithms.${list}`, value[list], supported?.[list])),
  ];
}

function listProblems(
  option: string,
  names: unknown,
  supported: readonly string[] | undefined,
): string[] {
  if (names === undefined) return [];
  if (!Array.isArray(names) || names.length === 0) {
    return [`${option}: must be a list with at least one name; leave it out for that of 'modern'`];
  }
  return names.flatMap((name: unknown, index) => {
    const told = typeof name === 'string' ? JSON.stringify(name) : typeof name;
    if (names.indexOf(name) < index) return [`${option}: holds ${told} twice`];
    if (typeof name === 'string' && supported?.includes(name) !== false) return [];
    const known = supported === undefined ? '' : `. Supported are ${supported.join(', ')}`;
    return [`${option}: ${told} is not supported${known}`];
  });
}
