import { MemoryBudget } from './memory-budget.js';
import { boundsOf, type OpenFileBounds, type OpenFileOptions } from './open-file-options.js';
import { TemporaryFiles } from './temporary-file.js';

/** What the open files of one server share. */
export interface OpenFileResources {
  readonly bounds: OpenFileBounds;
  readonly temporaryFiles: TemporaryFiles;
  /** For files that are handed over or taken whole. */
  readonly wholeFileMemory: MemoryBudget;
}

/** @throws TypeError naming the option that is wrong */
export function resourcesOf(options: OpenFileOptions): OpenFileResources {
  const bounds = boundsOf(options);
  return {
    bounds,
    temporaryFiles: new TemporaryFiles(bounds.temporaryDirectory, bounds.maxTemporaryBytes),
    wholeFileMemory: new MemoryBudget(bounds.maxWholeFileMemoryBytes),
  };
}
