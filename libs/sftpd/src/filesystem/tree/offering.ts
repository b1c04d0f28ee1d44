import type {
  OfTheServer,
  RandomAccessBackend,
  SequentialContent,
  SftpBackend,
} from '../backend.js';
import { OPTIONAL_METHODS, type OptionalMethod } from '../backend-methods.js';

/** All that a session may ask of its tree. */
export type WholeTree = Required<Omit<SftpBackend, SequentialContent | OfTheServer>>;

/**
 * A tree with those of its methods that it can serve: the others are not there at all, as the contract has it.
 *
 * @param tree has every method
 * @param offers whether one of the optional methods stays
 */
export function offering(
  tree: WholeTree,
  offers: (method: OptionalMethod) => boolean,
): RandomAccessBackend {
  const required: RandomAccessBackend = {
    supportsSync: tree.supportsSync,
    listDir: tree.listDir.bind(tree),
    fileInfo: tree.fileInfo.bind(tree),
    openFile: tree.openFile.bind(tree),
    makeDir: tree.makeDir.bind(tree),
    delDir: tree.delDir.bind(tree),
    delete: tree.delete.bind(tree),
    rename: tree.rename.bind(tree),
  };
  const optional = OPTIONAL_METHODS.filter(offers).map((name) => {
    const method: (...args: never[]) => unknown = tree[name];
    return [name, method.bind(tree)] as const;
  });
  return Object.assign(required, Object.fromEntries(optional) as Partial<RandomAccessBackend>);
}
