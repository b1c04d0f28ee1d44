import { createHash, randomFillSync } from 'node:crypto';
import { closeSync, createReadStream, mkdirSync, openSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const MIB = 1024 * 1024;

/** Writes random bytes to a file. @param {string} file @param {number} size bytes */
export function writeRandomFile(file, size) {
  const block = Buffer.allocUnsafe(Math.min(size, 16 * MIB));
  const descriptor = openSync(file, 'w');
  for (let left = size; left > 0; left -= block.length) {
    randomFillSync(block);
    writeSync(descriptor, block, 0, Math.min(left, block.length));
  }
  closeSync(descriptor);
}

/** Writes a directory of small random files. @returns {string[]} their names */
export function writeSmallFiles(directory, count, size) {
  mkdirSync(directory, { recursive: true });
  const names = Array.from({ length: count }, (_, i) => `file-${String(i).padStart(4, '0')}`);
  for (const name of names) writeRandomFile(join(directory, name), size);
  return names;
}

/** SHA-256 of a file. @param {string} file */
export async function sha256(file) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: MIB })) hash.update(chunk);
  return hash.digest('hex');
}

/** SHA-256 over the names and the contents of a directory of files. @param {string} directory */
export async function sha256OfFiles(directory) {
  const hash = createHash('sha256');
  for (const name of readdirSync(directory).sort()) {
    hash.update(`${name} ${await sha256(join(directory, name))}\n`);
  }
  return hash.digest('hex');
}

/** @param {string} actual @param {string} expected @param {string} what */
export function mustBeEqual(actual, expected, what) {
  if (actual !== expected) throw new Error(`${what}: what came back is not what was sent`);
}
