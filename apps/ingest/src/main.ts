import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { ConfigurationError, readEnvironment } from './config/environment.js';

try {
  const app = await NestFactory.createApplicationContext(
    AppModule.forConfig(readEnvironment(process.env)),
    { abortOnError: false },
  );
  // Jobs under way are finished; those that are cut off are another worker's after a while.
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
} catch (error) {
  const problems =
    error instanceof ConfigurationError
      ? error.problems
      : [`The worker could not start: ${error instanceof Error ? error.message : String(error)}`];
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  process.exit(1);
}
