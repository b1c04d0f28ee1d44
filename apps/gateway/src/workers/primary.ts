import type { GatewayConfig } from '../environment.js';
import { within } from '../time-limit.js';
import { listeningLine } from '../listening-line.js';
import type { GatewayLogger } from '../logger.js';
import { WorkerNotStartedError, WorkerPool } from './worker-pool.js';

/** Milliseconds beside the drain time that workers may take to end: they have more to close than connections. */
const END_LIMIT = 30_000;

/** Health and metrics, where they are served. */
interface Http {
  close(): Promise<void>;
}

/**
 * Runs the gateway in several processes that share its port, and looks after them. Towards whoever starts it it is
 * what a gateway of one process is: the same lines, signals and exit codes.
 */
export async function runPrimary(config: GatewayConfig, logger: GatewayLogger): Promise<void> {
  const pool = new WorkerPool(config, logger);
  const http = startHttp(config, pool, logger);
  const starting = http.then(() => pool.start());
  const stopping = stopOnSignals({ config, pool, http, logger });
  process.on('SIGHUP', () => {
    pool.reloadHostKeys();
  });
  void pool.hopeless.then((why) => {
    pool.kill();
    logger.fatal(why, 'Workers');
    process.exit(1);
  });
  try {
    const address = await starting;
    if (address !== undefined && !stopping.aborted) logger.announce(listeningLine(address));
  } catch (error) {
    if (stopping.aborted) return;
    pool.kill();
    if (!(error instanceof WorkerNotStartedError && error.told)) logger.startFailed(error);
    process.exit(1);
  }
}

/** Nothing of HTTP is loaded by a gateway that serves none. */
async function startHttp(
  config: GatewayConfig,
  pool: WorkerPool,
  logger: GatewayLogger,
): Promise<Http | undefined> {
  const { httpPort } = config;
  if (httpPort === undefined) return undefined;
  const { startWorkersHttp } = await import('./http/workers-http.js');
  return startWorkersHttp(config, httpPort, pool, logger);
}

interface Running {
  readonly config: GatewayConfig;
  readonly pool: WorkerPool;
  readonly http: Promise<Http | undefined>;
  readonly logger: GatewayLogger;
}

/** @returns a signal that is aborted as soon as the process was asked to end */
function stopOnSignals({ config, pool, http, logger }: Running): AbortSignal {
  const stopping = new AbortController();
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    if (stopping.signal.aborted) {
      pool.kill();
      process.exit(1);
    }
    stopping.abort();
    logger.log(`${signal}: finishing running transfers`, 'Gateway');
    // Health and metrics are answered to the end.
    const limit = config.drainTimeout + END_LIMIT;
    const inOrder = await within(pool.stop(), limit, 'The end of the workers');
    const served = await http;
    await served?.close();
    process.exit(inOrder ? 0 : 1);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      stop(signal).catch((error: unknown) => {
        pool.kill();
        logger.error('The gateway could not stop in order', error, 'Gateway');
        process.exit(1);
      });
    });
  }
  return stopping.signal;
}
