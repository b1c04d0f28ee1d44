import { readFile, stat, statfs } from 'node:fs/promises';
import path from 'node:path';

/** Milliseconds for which a look at the storage is good. */
const LOOK_AGAIN_AFTER = 5000;

/** `f_type` of `statfs(2)`: storage that is memory. */
const MEMORY = new Set([0x01021994 /* tmpfs */, 0x858458f6 /* ramfs */]);
/** File systems of one local block device, which is as prompt as the device. */
const ON_DEVICE = new Set([
  0xef53 /* ext2, ext3, ext4 */, 0x58465342 /* XFS */, 0xf2f52010 /* F2FS */,
]);

/**
 * Whether a directory's storage answers short calls at once: memory, or a local device without moving parts.
 * A network file system can hang, and a disk that seeks takes its time; where in doubt, it is not prompt.
 */
export class StorageSpeed {
  #root: string | undefined;
  #prompt = false;
  #lookedAt = 0;

  /** @param allowed `false`: nothing is looked at, no storage is prompt */
  constructor(private readonly allowed: boolean) {}

  /** What the last look found; looks again, in the background, when that is a while ago. */
  get prompt(): boolean {
    if (this.#root !== undefined && Date.now() - this.#lookedAt > LOOK_AGAIN_AFTER) {
      void this.look(this.#root);
    }
    return this.#prompt;
  }

  /** @param root real path of the directory */
  async look(root: string): Promise<void> {
    if (!this.allowed) return;
    this.#root = root;
    this.#lookedAt = Date.now();
    try {
      this.#prompt = (await isPrompt(root)) && !(await hasMountsBelow(root));
    } catch {
      // Not Linux, or not allowed to see: the usual way is right everywhere.
      this.#prompt = false;
    }
  }
}

async function isPrompt(root: string): Promise<boolean> {
  const { type } = await statfs(root);
  if (MEMORY.has(type)) return true;
  return ON_DEVICE.has(type) && !(await isRotational((await stat(root)).dev));
}

/** Linux's own judgement of a block device; a partition's stands with the whole disk. */
async function isRotational(dev: number): Promise<boolean> {
  const major = Math.floor(dev / 256) & 0xfff;
  const minor = (dev & 0xff) | (Math.floor(dev / 4096) & 0xfff00);
  const device = `/sys/dev/block/${major}:${minor}`;
  const told = await readFile(`${device}/queue/rotational`, 'utf8').catch(() =>
    readFile(`${device}/../queue/rotational`, 'utf8'),
  );
  return told.trim() !== '0';
}

async function hasMountsBelow(root: string): Promise<boolean> {
  const below = root.endsWith('/') ? root : `${root}/`;
  return mountPoints(await readFile('/proc/self/mountinfo', 'utf8')).some((point) =>
    path.posix.normalize(point).startsWith(below),
  );
}

/** The fifth field of each line (`proc(5)`), in which white space and backslashes are octal escapes. */
function mountPoints(mountinfo: string): string[] {
  return mountinfo.split('\n').flatMap((line) => {
    const point = line.split(' ')[4];
    return point === undefined
      ? []
      : [
          point.replace(/\\([0-7]{3})/g, (_, octal: string) =>
            String.fromCharCode(parseInt(octal, 8)),
          ),
        ];
  });
}
