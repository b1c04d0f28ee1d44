import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { Child } from '../../smoke/child.js';
import { within } from '../../support/raw-transport.js';
import { runOk } from '../../support/run-program.js';
import { type FencedBlock, placeOf } from './fenced-blocks.js';
import { type NpmOptions, writeNpm } from './offline-npm.js';
import { type SftpOptions, writeSftp } from './programs.js';

/** A command that serves until it is ended. */
const SERVER = /^node dist\/main\.js$/;

/** Milliseconds within which the server has to print what it is said to print. */
const WAIT_MS = 60_000;

/** What a walk through a page is done with. */
export interface WalkthroughOptions extends NpmOptions, SftpOptions {
  /** Where it begins: an empty directory. */
  readonly directory: string;
  /** In place of 2222. */
  readonly port: number;
}

/**
 * Does what a page says, block by block, as a new user would:
 *
 * - TypeScript goes into the file that its first line names;
 * - shell is run in the directory to which the blocks before have changed. A last line `node dist/main.js` stays there
 *   until the next one, which ends it first, as Ctrl+C would;
 * - `text` after a block with `sftp` is its dialogue: what stands behind `sftp> ` is typed, and all other lines must be
 *   in what it prints. Any other `text` is what the server prints.
 *
 * Programs are those of the system, but for those of {@link writeNpm} and {@link writeSftp}.
 */
export class Walkthrough {
  readonly #options: WalkthroughOptions;
  readonly #programs: string;
  #cwd: string;
  #server: Child | undefined;
  #dialogue: string | undefined;

  constructor(options: WalkthroughOptions) {
    this.#options = options;
    this.#programs = path.join(options.directory, '.programs');
    this.#cwd = path.join(options.directory, 'home');
  }

  /** Where the blocks have come to. */
  get cwd(): string {
    return this.#cwd;
  }

  /** @throws Error naming the block that does not do what the page says */
  async walk(blocks: readonly FencedBlock[]): Promise<void> {
    await mkdir(this.#cwd, { recursive: true });
    await writeNpm(this.#programs, this.#options);
    await writeSftp(this.#programs, this.#options);
    for (const [index, block] of blocks.entries()) {
      try {
        await this.#step(block, blocks[index + 1]);
      } catch (error) {
        throw new Error(`${placeOf(block)}: ${String(error)}`, { cause: error });
      }
    }
  }

  /** Ends the server that runs, as Ctrl+C would. */
  async end(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    server.kill('SIGINT');
    const { code, signal, stdout, stderr } = await server.ended;
    if (code !== 0 && signal !== 'SIGINT') {
      throw new Error(`The server ended with ${String(code ?? signal)}: ${stdout}${stderr}`);
    }
  }

  async #step(block: FencedBlock, next: FencedBlock | undefined): Promise<void> {
    const code = block.code.replaceAll('2222', String(this.#options.port));
    switch (block.language) {
      case 'ts':
        if (block.file === undefined) throw new Error('The block names no file');
        await this.#write(block.file, code);
        break;
      case 'sh':
        await this.#shell(code, next?.language === 'text' ? next.code : '');
        break;
      case 'text':
        await this.#printed(code);
        break;
      default:
        throw new Error(`Nobody knows what to do with ${block.language}`);
    }
  }

  async #write(file: string, code: string): Promise<void> {
    const target = path.join(this.#cwd, file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, code);
  }

  async #shell(code: string, text: string): Promise<void> {
    const lines = code.trimEnd().split('\n');
    const serves = SERVER.test(lines.at(-1) ?? '');
    const script = serves ? lines.slice(0, -1) : lines;
    const isDialogue = lines[0]?.startsWith('sftp ') === true;
    if (serves) await this.end();
    const { stdout } = await runOk(
      'bash',
      ['-euo', 'pipefail', '-c', `${script.join('\n')}\npwd > "$HOME/cwd"`],
      {
        home: this.#options.directory,
        cwd: this.#cwd,
        env: {
          PATH: `${this.#programs}:${process.env['PATH'] ?? ''}`,
          npm_config_update_notifier: 'false',
        },
        timeout: 120_000,
        ...(isDialogue && { input: typed(text) }),
      },
    );
    this.#cwd = (await readFile(path.join(this.#options.directory, 'cwd'), 'utf8')).trim();
    this.#dialogue = isDialogue ? stdout : undefined;
    if (!serves) return;
    this.#server = new Child(['dist/main.js'], { cwd: this.#cwd });
    await this.#server.output(/Listening on \S+ port \d+/);
  }

  async #printed(text: string): Promise<void> {
    const dialogue = this.#dialogue;
    this.#dialogue = undefined;
    const lines = text.trimEnd().split('\n');
    if (dialogue === undefined) {
      const server = this.#server;
      if (server === undefined) throw new Error('No server runs that could print it');
      for (const line of lines) {
        await within(server.output(new RegExp(escaped(line))), JSON.stringify(line), WAIT_MS);
      }
      return;
    }
    const printed = dialogue.split(/\r?\n/).map((line) => line.trimEnd());
    for (const line of lines) {
      if (line.startsWith('sftp> ') || printed.includes(line.trimEnd())) continue;
      throw new Error(`sftp does not print ${JSON.stringify(line)}, but\n${dialogue}`);
    }
  }
}

function typed(dialogue: string): string {
  const lines = dialogue.split('\n').filter((line) => line.startsWith('sftp> '));
  if (lines.length === 0) throw new Error('What is typed into sftp does not follow');
  return lines.map((line) => `${line.slice('sftp> '.length)}\n`).join('');
}

function escaped(line: string): string {
  return line.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
