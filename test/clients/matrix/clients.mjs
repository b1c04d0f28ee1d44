// @ts-check

/**
 * @typedef {{ name: string, groups: readonly RegExp[], version: readonly string[] }} TestedClient
 *   its name on the page, the groups of tests that are its, and the command that tells its version
 * @typedef {{ group: string, title: string, passed: boolean }} Test as the recorder writes it down
 * @typedef {{ client: string, backend: string, title: string }} Shown what a test has shown, once
 */

/** The clients, in the order of the page. @type {readonly TestedClient[]} */
export const CLIENTS = [
  { name: 'OpenSSH sftp', groups: [/^OpenSSH('s)? sftp\b/, /^sshpass$/], version: ['ssh', '-V'] },
  { name: 'OpenSSH scp', groups: [/^OpenSSH scp\b/], version: ['ssh', '-V'] },
  { name: 'sshfs', groups: [/^sshfs$/], version: ['sshfs', '--version'] },
  { name: 'lftp', groups: [/^lftp$/], version: ['lftp', '--version'] },
  { name: 'rclone', groups: [/^rclone$/], version: ['rclone', 'version'] },
  { name: 'psftp (PuTTY)', groups: [/^psftp$/], version: ['psftp', '-V'] },
  { name: 'FileZilla (fzsftp)', groups: [/^FileZilla \(fzsftp\)$/], version: ['fzsftp', '-V'] },
  { name: 'curl', groups: [/^curl$/], version: ['curl', '--version'] },
  {
    name: 'paramiko',
    groups: [/^paramiko$/],
    version: ['/usr/bin/python3', '-c', 'import paramiko; print(paramiko.__version__)'],
  },
];

/** The backends, as the tests and as the page call them. */
export const BACKENDS = /** @type {const} */ ([
  ['memory', 'memory'],
  ['folder', 'folder'],
  ['s3', 'S3'],
  ['streaming-only', 'streams'],
  ['whole-file-only', 'whole files'],
]);

/** Several clients in one group: the first word of a test's title tells whose it is. */
const MIXED = new Map([
  ['sftp', 'OpenSSH sftp'],
  ['scp', 'OpenSSH scp'],
  ['rclone', 'rclone'],
  ['lftp', 'lftp'],
]);

/** Files whose groups do not name the backend. */
const BACKEND_OF_FILE = new Map([['test/clients/two-factors.e2e-spec.ts', 'memory']]);

/** Whether the tests of a file are about clients. @param {string} file from the project's root */
export function isAboutClients(file) {
  return /^test\/(clients\/[^/]+|s3\/clients-s3)\.e2e-spec\.ts$/.test(file);
}

/**
 * What a test shows of which client, if of any.
 *
 * @param {string} file from the project's root
 * @param {Test} test
 * @returns {Shown | undefined}
 */
export function shownBy(file, { group, title }) {
  const [, whose = group, server] = /^(.*) over (\S+)$/.exec(group) ?? [];
  const backend = BACKENDS.find(([name]) => name === (server ?? BACKEND_OF_FILE.get(file)))?.[1];
  if (backend === undefined) return undefined;
  const client = CLIENTS.find(({ groups }) => groups.some((pattern) => pattern.test(whose)));
  if (client !== undefined) return { client: client.name, backend, title: inWords(title) };
  const [, first = '', rest = ''] = /^(\S+) (.*)$/.exec(title) ?? [];
  const mixed = whose.includes(',') ? MIXED.get(first) : undefined;
  return mixed === undefined ? undefined : { client: mixed, backend, title: rest };
}

/** Some tests are called as functions of a script are. @param {string} title */
function inWords(title) {
  return /^\w+$/.test(title) ? title.replaceAll('_', ' ') : title;
}
