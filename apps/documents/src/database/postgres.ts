import { isNativeError } from 'node:util/types';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { Pool, type QueryResultRow } from 'pg';
import { DOCUMENTS_CONFIG } from '../config/config.module.js';
import type { DocumentsConfig } from '../config/environment.js';
import { isConflict, toDocumentError } from './database-errors.js';
import { migrate } from './schema.js';
import { type Database, Transaction } from './transaction.js';

/** Milliseconds to wait for a connection, and for a statement: less than the SFTP server's own 30 s. */
const CONNECT_TIMEOUT = 5_000;
const STATEMENT_TIMEOUT = 20_000;
/** Milliseconds after which a database that is silent counts as gone. */
const SILENCE_TIMEOUT = 25_000;

const TRIES = 5;

/**
 * The application's connections to PostgreSQL. They can be used from `onModuleInit` on, so the servers, which
 * listen later, never find them missing; they are closed in `onApplicationShutdown`, the last phase of Nest's
 * shutdown, when the SFTP server (`onModuleDestroy`) and the HTTP server have let running transfers end.
 */
@Injectable()
export class Postgres implements Database, OnModuleInit, OnApplicationShutdown {
  readonly #log = new Logger(Postgres.name);
  readonly #pool: Pool;
  readonly #open = new Set<Transaction>();

  constructor(@Inject(DOCUMENTS_CONFIG) config: DocumentsConfig) {
    // Connects with the first query, not now.
    this.#pool = new Pool({
      connectionString: config.databaseUrl,
      application_name: 'documents',
      max: config.poolSize,
      connectionTimeoutMillis: CONNECT_TIMEOUT,
      statement_timeout: STATEMENT_TIMEOUT,
      query_timeout: SILENCE_TIMEOUT,
      keepAlive: true,
    });
    this.#pool.on('error', (error) => {
      this.#log.warn(`An unused connection was lost: ${error.message}`);
    });
  }

  async onModuleInit(): Promise<void> {
    try {
      await this.transaction(migrate);
    } catch (error) {
      await this.#pool.end();
      throw new Error(`The database cannot be used: ${reasonOf(error)}`, { cause: error });
    }
  }

  /** May be called twice, as `app.close()` may. Whoever still writes now has had the time to end: it is undone. */
  async onApplicationShutdown(): Promise<void> {
    if (this.#pool.ending) return;
    const closed = this.#pool.end();
    await Promise.all([...this.#open].map((transaction) => transaction.rollback()));
    await closed;
  }

  async query<Row extends QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    try {
      return (await this.#pool.query<Row>(text, [...values])).rows;
    } catch (error) {
      throw toDocumentError(error);
    }
  }

  /** Starts a transaction, which whoever calls has to end. */
  async begin(): Promise<Transaction> {
    const transaction = await Transaction.begin(this.#pool, (ended) => this.#open.delete(ended));
    this.#open.add(transaction);
    return transaction;
  }

  /** Does `work` in a transaction, whole or not at all, and again when another one was in its way. */
  async transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      const transaction = await this.begin();
      try {
        const result = await work(transaction);
        await transaction.commit();
        return result;
      } catch (error) {
        await transaction.rollback();
        if (tries === TRIES || !isConflict(error)) throw error;
      }
    }
  }
}

/** The words of whoever has refused: the error itself tells a client's part of it. */
function reasonOf(error: unknown): string {
  const reason = isNativeError(error) ? (error.cause ?? error) : error;
  // A host name with several addresses fails with one error that holds the others and says nothing itself.
  const first: unknown = reason instanceof AggregateError ? reason.errors[0] : reason;
  return isNativeError(first) ? first.message : String(first);
}
