import 'reflect-metadata';

import { createRequire } from 'node:module';

import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import * as sftpd from 'nestjs-sftpd';
import * as folder from 'nestjs-sftpd/folder';
import * as memory from 'nestjs-sftpd/memory';

import { roundTrips } from './round-trips.cjs';

// ssh2 is the package's own dependency, which need not lie where this application finds it.
const { Client } = createRequire(import.meta.resolve('nestjs-sftpd'))('ssh2');
const nest = { Injectable, Module, NestFactory };
console.log(await roundTrips({ nest, sftpd, memory, folder, Client }));
