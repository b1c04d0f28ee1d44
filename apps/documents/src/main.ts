import 'reflect-metadata';
import { ConfigurationError, readEnvironment } from './config/environment.js';
import { runDocuments } from './run.js';

try {
  await runDocuments(readEnvironment(process.env));
} catch (error) {
  const problems =
    error instanceof ConfigurationError
      ? error.problems
      : [
          `The application could not start: ${error instanceof Error ? error.message : String(error)}`,
        ];
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  // Not `exitCode`: what has been opened before the failure would keep the process alive.
  process.exit(1);
}
