import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

/** All servers listen here. */
export const HOST = '127.0.0.1';

/**
 * A server to be measured.
 *
 * @typedef {object} Server
 * @property {string} name
 * @property {string} host
 * @property {number} port
 * @property {string} username
 * @property {string} root the directory that a client names to reach the server's files
 * @property {number} pid
 * @property {string} [version] what the server calls itself, where it is not ours
 * @property {readonly string[]} [lacks] ciphers that it does not have
 * @property {() => Promise<void>} stop ends it, and waits until it has ended
 */

/** Makes a key pair without a passphrase. @param {string} file */
export function makeKey(file) {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'bench', '-f', file]);
  return { file, publicFile: `${file}.pub` };
}

/**
 * Waits for a line of a child's output, and goes on reading what follows.
 *
 * @param {import('node:child_process').ChildProcess} child
 * @param {import('node:stream').Readable} stream
 * @param {RegExp} pattern
 * @returns {Promise<RegExpExecArray>}
 */
export function lineOf(child, stream, pattern) {
  return new Promise((resolve, reject) => {
    const said = [];
    createInterface({ input: stream }).on('line', (line) => {
      if (said.length < 100) said.push(line);
      const match = pattern.exec(line);
      if (match) resolve(match);
    });
    child.once('error', reject);
    // After its output has been read, which tells why.
    child.once('close', (code) => {
      reject(new Error(`The server ended with ${code} before it was ready:\n${said.join('\n')}`));
    });
  });
}

/** Ends a server as its operator would. @param {import('node:child_process').ChildProcess} child */
export async function terminate(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}

/** A port for a server that does not take port 0. */
export async function freePort() {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
