import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const KIB = 1024;

/** Sizes at the edges of SFTP's packets: OpenSSH's default of 32 KiB and the 261120 of `limits@openssh.com`. */
export const EDGE_SIZES: Readonly<Record<string, number>> = {
  'empty.bin': 0,
  'one.bin': 1,
  'below-32k.bin': 32 * KIB - 1,
  'at-32k.bin': 32 * KIB,
  'above-limit.bin': 261_120 + 1,
  'five-mib.bin': 5 * KIB * KIB,
};

/** Names that a client has to quote or to encode. */
export const ODD_NAMES: readonly string[] = [
  'with some  spaces.txt',
  'Größe übergroß.txt',
  '日本語 ファイル.txt',
  '🚀 launch 😀.txt',
  `it's "quoted".txt`,
  '-leading-dash.txt',
  'percent%20 & hash#1;semi.txt',
];

/** A tree as one value to compare: path below its top -> SHA-256, `directory`, or `-> target` of a link. */
export type TreeDigest = Readonly<Record<string, string>>;

/** Bytes that look random and are the same for the same seed. */
export function seededBytes(length: number, seed: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  // xorshift32: a few lines, no period that a packet size could hide.
  let state = (seed * 2_654_435_761 + 88_675_123) >>> 0 || 1;
  for (let i = 0; i < length; i += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state & 0xff;
  }
  return bytes;
}

/** SHA-256 in hex. */
export function sha256(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** SHA-256 in hex of a local file. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Writes seeded bytes to a local file, with its parent directories, and returns their SHA-256. */
export async function writeSeeded(path: string, size: number, seed: number): Promise<string> {
  const data = seededBytes(size, seed);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, data);
  return sha256(data);
}

/**
 * Writes one file of each {@link EDGE_SIZES} and one of each {@link ODD_NAMES} into a directory.
 *
 * @returns the names
 */
export async function writeFlatFiles(directory: string): Promise<string[]> {
  const sizes = new Map(Object.entries(EDGE_SIZES));
  for (const [index, name] of ODD_NAMES.entries()) sizes.set(name, 1000 + index);
  let seed = 1;
  for (const [name, size] of sizes) await writeSeeded(join(directory, name), size, (seed += 1));
  return [...sizes.keys()];
}

/** Writes {@link writeFlatFiles} and nested, odd and empty directories below `directory`. */
export async function writeTree(directory: string): Promise<void> {
  await writeFlatFiles(directory);
  await writeSeeded(join(directory, 'nested/deep/er/file.bin'), 70_000, 101);
  await writeSeeded(join(directory, 'nested/Ünïcode dir/🐚.txt'), 5, 102);
  await mkdir(join(directory, 'nested/empty directory'), { recursive: true });
}

/** The digest of a local directory. */
export async function digestTree(directory: string): Promise<TreeDigest> {
  const digest: Record<string, string> = {};
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(directory.length + 1);
    if (entry.isDirectory()) digest[name] = 'directory';
    else if (entry.isSymbolicLink()) digest[name] = `-> ${await readlink(path)}`;
    else digest[name] = await sha256OfFile(path);
  }
  return digest;
}
