import type { Pool, PoolClient, QueryResultRow } from 'pg';
import { SftpError } from 'nestjs-sftpd';
import { toDocumentError } from './database-errors.js';

/** What runs a query: the pool, or a transaction on one connection. */
export interface Database {
  /** @throws SftpError with the database's own error as its cause */
  query<Row extends QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}

/**
 * A transaction, which holds a connection of the pool until it is committed or rolled back. When its connection is
 * lost, the database rolls back by itself: nothing of it stays.
 */
export class Transaction implements Database {
  readonly #client: PoolClient;
  readonly #onEnd: (transaction: Transaction) => void;
  #ended = false;

  private constructor(client: PoolClient, onEnd: (transaction: Transaction) => void) {
    this.#client = client;
    this.#onEnd = onEnd;
    client.on('error', ignore);
  }

  /** @param onEnd told when the connection is given back */
  static async begin(pool: Pool, onEnd: (transaction: Transaction) => void): Promise<Transaction> {
    try {
      const transaction = new Transaction(await pool.connect(), onEnd);
      await transaction.query('BEGIN').catch((error: unknown) => transaction.#fail(error));
      return transaction;
    } catch (error) {
      throw toDocumentError(error);
    }
  }

  async query<Row extends QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    if (this.#ended) throw new SftpError('EIO', 'The transaction has ended');
    try {
      return (await this.#client.query<Row>(text, [...values])).rows;
    } catch (error) {
      throw toDocumentError(error);
    }
  }

  /** @throws SftpError when nothing, or perhaps nothing, was stored */
  async commit(): Promise<void> {
    if (this.#ended) throw new SftpError('EIO', 'The transaction has ended');
    try {
      const { command } = await this.#client.query('COMMIT');
      // What COMMIT does, without an error, to a transaction of which a query has failed.
      if (command === 'ROLLBACK') throw new Error('The transaction was rolled back');
      this.#end();
    } catch (error) {
      await this.#fail(error);
    }
  }

  /** Undoes everything; does nothing when the transaction has ended. Never rejects. */
  async rollback(): Promise<void> {
    if (this.#ended) return;
    try {
      await this.#client.query('ROLLBACK');
      this.#end();
    } catch (error) {
      this.#end(error);
    }
  }

  async #fail(error: unknown): Promise<never> {
    await this.rollback();
    throw toDocumentError(error);
  }

  /** @param failure why the connection cannot be used again */
  #end(failure?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#client.off('error', ignore);
    this.#client.release(failure !== undefined);
    this.#onEnd(this);
  }
}

/**
 * A connection that breaks between two queries says so by an event, which would end the process without a
 * listener. The next query tells whoever uses the transaction.
 */
function ignore(): void {
  return undefined;
}
