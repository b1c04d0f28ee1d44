import 'reflect-metadata';
import { type GatewayConfig, readEnvironment } from './environment.js';
import { runGateway } from './gateway.js';
import { ConfigurationError } from './problems.js';

/** The configuration, or `undefined` after every problem has been told. */
function readConfig(): GatewayConfig | undefined {
  try {
    return readEnvironment(process.env);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    for (const problem of error.problems) process.stderr.write(`${problem}\n`);
    return undefined;
  }
}

// Whoever reads the output may go away, as `head -1` does; the server goes on without an audience.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

const config = readConfig();
if (config) await runGateway(config);
else process.exitCode = 1;
