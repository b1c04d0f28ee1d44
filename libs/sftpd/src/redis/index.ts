export type { RedisScriptClient } from './redis-script-client.js';
export { RedisLockoutStore, type RedisLockoutStoreOptions } from './redis-lockout-store.js';
