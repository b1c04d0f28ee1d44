// Opens an outbox as the built gateway does, and lives until it is killed.
import { OutboxIntentStore } from '../../../dist/apps/gateway/ingestion/outbox-intent-store.js';

const [directory, instance] = process.argv.slice(2);
const log = { error: (message) => process.stderr.write(`${message}\n`) };
await new OutboxIntentStore(directory, instance, 60_000, log).open();
process.stdout.write('open\n');
setInterval(() => undefined, 60_000);
