import type { RandomAccessBackend, SftpBackend } from '../backend.js';
import type { OpenFileOptions } from './open-file-options.js';
import { type OpenFileResources, resourcesOf } from './open-file-resources.js';
import { openByStrategy } from './opening.js';
import { withOpenFile } from './with-open-file.js';

/**
 * Gives backends random access, each by the best way to a file's content that it has. One per server: the bounds
 * hold for all its backends together.
 *
 * Reading takes `readFileRange` before `readFile`, writing `beginWrite` before `writeFile`. Uploads appear under
 * their names at `close`, whole or not at all (`staged`), and two handles do not see each other's unfinished work. Reads
 * through `readFileRange` go by the path: a file that is replaced or removed while it is open is not kept.
 */
export class OpenFileStrategies {
  readonly #resources: OpenFileResources;

  /**
   * @param options bounds of what is kept for open files
   * @throws TypeError naming the option that is wrong
   */
  constructor(readonly options: OpenFileOptions = {}) {
    this.#resources = resourcesOf(options);
  }

  /** The backend as one whose files are open at random; a backend that has `openFile` is returned as it is. */
  randomAccess(backend: SftpBackend): RandomAccessBackend {
    if (hasOpenFile(backend)) return backend;
    return withOpenFile(backend, (path, flags, session) =>
      openByStrategy({ backend, path, session }, flags, this.#resources),
    );
  }
}

function hasOpenFile(backend: SftpBackend): backend is RandomAccessBackend {
  return backend.openFile !== undefined;
}
