import 'reflect-metadata';
import { runWorker } from './worker.js';

// Whoever reads the output may go away, as `head -1` does; the server goes on without an audience.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

await runWorker();
