import { Module } from '@nestjs/common';
import { Postgres } from './postgres.js';

/** Offers the database to the modules that keep something in it. */
@Module({ providers: [Postgres], exports: [Postgres] })
export class DatabaseModule {}
