import { subscribe } from 'node:diagnostics_channel';
import { TRACING_NAMES } from './names.mjs';

// Imported by a gateway's Node before the gateway: it listens to everything, and does nothing with it.
for (const name of TRACING_NAMES) subscribe(name, () => undefined);
