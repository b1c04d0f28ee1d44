import { readFile } from 'node:fs/promises';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../../..');

/** What every application with the package has: its peers that are not optional, and Node's types to compile with. */
export const REQUIRED = [
  '@nestjs/common',
  '@nestjs/core',
  'reflect-metadata',
  'rxjs',
  '@types/node',
];

/** Peers that are needed by one sub-path each. */
export const OPTIONAL = [
  '@aws-sdk/client-s3',
  '@aws-sdk/lib-storage',
  '@nestjs/microservices',
  '@nestjs/terminus',
  '@opentelemetry/api',
];

async function manifest(directory) {
  return JSON.parse(await readFile(path.join(ROOT, directory, 'package.json'), 'utf8'));
}

function versionsOf(names, versions) {
  return Object.fromEntries(
    names.map((name) => {
      if (versions[name] === undefined) throw new Error(`No version of ${name} is named`);
      return [name, versions[name]];
    }),
  );
}

/**
 * The versions of packages that this workspace has.
 *
 * @param {readonly string[]} names
 * @returns {Promise<Record<string, string>>}
 */
export async function workspaceVersions(names) {
  const { dependencies, devDependencies } = await manifest('.');
  return versionsOf(names, { ...devDependencies, ...dependencies });
}

/**
 * The oldest versions of its peers that the package allows.
 *
 * @param {readonly string[]} names
 * @returns {Promise<Record<string, string>>}
 */
export async function oldestVersions(names) {
  const { peerDependencies } = await manifest('libs/sftpd');
  const oldest = Object.entries(peerDependencies).map(([name, range]) => [
    name,
    range.replace(/^\D+/, ''),
  ]);
  return versionsOf(names, Object.fromEntries(oldest));
}
