import { Command, Option } from 'commander';

import type { ExitCode } from './errors.js';
import type { HashPasswordFlags } from './hash-password.js';
import type { HostKeysFlags } from './host-keys.js';
import type { Output } from './output.js';
import { collected, portNumber, typeList } from './option-values.js';
import { HOST_KEY_TYPES } from '../server/make-host-key.js';
import type { ServeFlags } from './settings.js';

/** A command that has been read from the command line. */
export type RunnableCommand = (output: Output) => Promise<ExitCode>;

/** What the program works with. */
export interface ProgramParts {
  readonly version: string;
  /** Takes help and version. */
  readonly write: (text: string) => void;
  /** Runs the command that was asked for. */
  readonly run: (command: RunnableCommand) => Promise<void>;
}

/** The commands with their options and help. What a command does is loaded when it runs. */
export function buildProgram(parts: ProgramParts): Command {
  const program = new Command('nestjs-sftpd')
    .description('An SFTP server for a folder, for memory or for a bucket of S3')
    .version(parts.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .exitOverride()
    // Errors are thrown too, and told where all others are.
    .configureOutput({ writeOut: parts.write, writeErr: () => undefined })
    .addHelpText('after', PROGRAM_EXAMPLES);
  addServe(program, parts);
  addCheck(program, parts);
  addHashPassword(program, parts);
  addHostKeys(program, parts);
  return program;
}

function addServe(program: Command, { run }: ProgramParts): void {
  withServeOptions(program.command('serve'))
    .description('serve a folder, memory or a bucket until SIGINT or SIGTERM')
    .addHelpText('after', SERVE_EXAMPLES)
    .action((directory: string | undefined, flags: ServeFlags) =>
      run(async (output) => {
        const { serve } = await import('./serve.js');
        return serve(directory, flags, output);
      }),
    );
}

function addCheck(program: Command, { run }: ProgramParts): void {
  withServeOptions(program.command('check'))
    .description('see whether serve would work with the same options: storage, host keys, log-in')
    .addHelpText('after', CHECK_EXAMPLES)
    .action((directory: string | undefined, flags: ServeFlags) =>
      run(async (output) => {
        const { check } = await import('./check.js');
        return check(directory, flags, output);
      }),
    );
}

function addHashPassword(program: Command, { run }: ProgramParts): void {
  withOutputOptions(
    program
      .command('hash-password')
      .description('print the hash of a password, for the option auth.passwords[].passwordHash')
      .addOption(new Option('--bcrypt', 'hash by bcrypt, if that package is installed'))
      .addOption(
        new Option('--argon2', 'hash by argon2, if that package is installed').conflicts('bcrypt'),
      ),
  )
    .addHelpText('after', HASH_EXAMPLES)
    .action((flags: HashPasswordFlags) =>
      run(async (output) => {
        const { hashPasswordCommand } = await import('./hash-password.js');
        return hashPasswordCommand(flags, output);
      }),
    );
}

function addHostKeys(program: Command, { run }: ProgramParts): void {
  withOutputOptions(
    program
      .command('host-keys')
      .description('make the host keys that a directory does not have yet, and list them all')
      .argument('<directory>', 'made when it is missing, for its owner alone')
      .addOption(
        new Option('--types <list>', 'which keys, with commas between them')
          .argParser(typeList)
          .default(HOST_KEY_TYPES, HOST_KEY_TYPES.join(',')),
      ),
  )
    .addHelpText('after', HOST_KEYS_EXAMPLES)
    .action((directory: string, flags: HostKeysFlags) =>
      run(async (output) => {
        const { hostKeysCommand } = await import('./host-keys.js');
        return hostKeysCommand(directory, flags, output);
      }),
    );
}

function withServeOptions(command: Command): Command {
  return withOutputOptions(
    command
      .argument('[directory]', 'the folder to serve; it must be there')
      .option('--memory', 'serve an empty tree in memory, which is gone at the end')
      .option('--s3 <bucket>', 'serve a bucket; the AWS SDK finds the credentials')
      .option('--s3-prefix <prefix>', 'serve only the part of the bucket below it')
      .option('--s3-endpoint <url>', "a store that is not Amazon's")
      .option('--s3-region <region>', 'region of the bucket (default: us-east-1)')
      .option('--s3-path-style', 'name the bucket in the path, as most other stores want it')
      .option('--host <address>', 'address to listen on; 0.0.0.0 or :: for all', '127.0.0.1')
      .addOption(
        new Option('--port <number>', 'port to listen on; 0 for any that is free')
          .argParser(portNumber)
          .default(2222),
      )
      .option('--user <name>', 'who may log in (default: who runs this)')
      .option('--password-file <file>', 'holds the password in its only line')
      .addOption(
        new Option(
          '--authorized-keys <file>',
          'public keys that may log in, as in sshd; may be given several times',
        ).argParser(collected),
      )
      .option('--read-only', 'let nobody change anything')
      .option(
        '--host-keys <directory>',
        'keys of the server, made when there are none (default: nestjs-sftpd/host-keys in the ' +
          'configuration directory, $XDG_CONFIG_HOME or ~/.config)',
      )
      .option('--atomic', 'folder: a new file appears only when it is complete')
      .option('--legacy', 'allow the algorithms of old clients too'),
  );
}

function withOutputOptions(command: Command): Command {
  return command
    .option('--json', 'one JSON object in a line')
    .option('--verbose', 'logs, and the stacks of errors, on standard error');
}

const PROGRAM_EXAMPLES = `
Examples:
  nestjs-sftpd serve ./dir --port 2222 --user me
  nestjs-sftpd serve --help

Exit codes: 0 fine, 1 it has failed, 2 the command line is wrong.`;

const SERVE_EXAMPLES = `
The password is that of --password-file or else of the variable SFTP_PASSWORD. Without them and without
--authorized-keys a terminal is asked for it.

Examples:
  nestjs-sftpd serve ./dir --port 2222 --user me
  nestjs-sftpd serve ./dir --authorized-keys ~/.ssh/authorized_keys --read-only
  nestjs-sftpd serve --memory --password-file ./password --json
  nestjs-sftpd serve --s3 uploads --s3-endpoint http://127.0.0.1:9000 --s3-path-style`;

const CHECK_EXAMPLES = `
Unless --read-only stands there, a small file called nestjs-sftpd-check-... is written, read back and removed.

Examples:
  nestjs-sftpd check ./dir --authorized-keys ~/.ssh/authorized_keys
  nestjs-sftpd check --s3 uploads --s3-prefix partner-a/ --json`;

const HASH_EXAMPLES = `
A terminal is asked for the password twice; anything else is read from standard input, one line.

Examples:
  nestjs-sftpd hash-password
  nestjs-sftpd hash-password --argon2 < ./password`;

const HOST_KEYS_EXAMPLES = `
No file is ever overwritten.

Examples:
  nestjs-sftpd host-keys ./host-keys
  nestjs-sftpd host-keys ./host-keys --types ed25519,rsa --json`;
