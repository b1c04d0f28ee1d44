'use strict';

require('reflect-metadata');

const { createRequire } = require('node:module');

const { Injectable, Module } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const sftpd = require('nestjs-sftpd');
const folder = require('nestjs-sftpd/folder');
const memory = require('nestjs-sftpd/memory');

const { roundTrips } = require('./round-trips.cjs');

const { Client } = createRequire(require.resolve('nestjs-sftpd'))('ssh2');
const nest = { Injectable, Module, NestFactory };
roundTrips({ nest, sftpd, memory, folder, Client }).then(
  (line) => console.log(line),
  (error) => {
    console.error(error);
    process.exitCode = 1;
  },
);
