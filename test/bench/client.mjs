import { spawn } from 'node:child_process';

/** OpenSSH's `sftp` in batch mode, the same for every server. */
export class Client {
  #workplace;
  #key;
  #cipher;

  /**
   * @param {import('./workplace.mjs').Workplace} workplace
   * @param {{ file: string }} key
   * @param {string} cipher
   */
  constructor(workplace, key, cipher) {
    this.#workplace = workplace;
    this.#key = key;
    this.#cipher = cipher;
  }

  /** The same client with another cipher. @param {string} cipher */
  with(cipher) {
    return new Client(this.#workplace, this.#key, cipher);
  }

  /**
   * Runs one `sftp` process.
   *
   * @param {import('./servers/launch.mjs').Server} server
   * @param {readonly string[]} lines its batch
   * @param {string} cwd its local directory
   * @returns {Promise<number>} seconds from its start to its end
   */
  run(server, lines, cwd) {
    return new Promise((resolve, reject) => {
      const started = performance.now();
      const child = this.#workplace.adopt(
        spawn('sftp', this.#arguments(server), { cwd, stdio: ['pipe', 'ignore', 'pipe'] }),
      );
      let errors = '';
      child.stderr.on('data', (chunk) => (errors += chunk));
      child.stdin.on('error', () => undefined);
      child.stdin.end(lines.map((line) => `${line}\n`).join(''));
      child.once('error', reject);
      child.once('exit', (code) => {
        const seconds = (performance.now() - started) / 1000;
        if (code === 0) resolve(seconds);
        else reject(new Error(`sftp to ${server.name} ended with ${code}: ${errors}`));
      });
    });
  }

  /** @param {import('./servers/launch.mjs').Server} server */
  #arguments(server) {
    const settings = [
      `Port=${server.port}`,
      `IdentityFile=${this.#key.file}`,
      'IdentitiesOnly=yes',
      'StrictHostKeyChecking=no',
      'UserKnownHostsFile=/dev/null',
      'GlobalKnownHostsFile=/dev/null',
      'LogLevel=ERROR',
      'Compression=no',
      // One choice for all servers, so that the log-in costs the client the same.
      `Ciphers=${this.#cipher}`,
      'KexAlgorithms=curve25519-sha256',
      'HostKeyAlgorithms=ssh-ed25519',
    ];
    return [
      ...['-q', '-F', 'none', '-b', '-'],
      ...settings.flatMap((setting) => ['-o', setting]),
      `${server.username}@${server.host}`,
    ];
  }
}
