/** Injects the {@link IngestionConfig}. */
export const INGESTION_CONFIG = Symbol('INGESTION_CONFIG');

/** Injects the {@link IngestionTiming}. */
export const TIMING = Symbol('TIMING');

/** Injects the id of this process, a UUID. */
export const INSTANCE = Symbol('INSTANCE');

/** Injects the connection to Redis. */
export const REDIS = Symbol('REDIS');

/** Injects the {@link IntentStore}. */
export const INTENT_STORE = Symbol('INTENT_STORE');
