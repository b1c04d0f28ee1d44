import 'reflect-metadata';

import { runCli } from './run-cli.js';

const streams = [process.stdout, process.stderr];

// Whoever reads the output may go away, as `head -1` does; a server goes on without an audience.
for (const stream of streams) stream.on('error', () => undefined);

const code = await runCli(process.argv.slice(2), process);

// What a failed start has left open must not keep the process; what was written has to leave it first.
await Promise.all(streams.map((stream) => new Promise((resolve) => stream.write('', resolve))));
process.exit(code);
