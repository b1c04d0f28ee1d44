import { ROOT } from '../../smoke/child.js';
import { writeProgram } from './programs.js';

/** What `npm install` is to take. */
export interface NpmOptions {
  /** npm itself. */
  readonly npm: string;
  /** The package, packed. */
  readonly tarball: string;
  /** Whether all but the package comes from the registry, as for a new user. @default false: from this checkout */
  readonly fromRegistry?: boolean;
}

/**
 * Writes an `npm` into a directory that stands first in the search path. Its `install` takes the packed package, with
 * what that depends on, and all others from this checkout, in the versions with which all else is tested. Whatever else
 * it is asked npm does.
 */
export function writeNpm(directory: string, options: NpmOptions): Promise<void> {
  const { npm, tarball, fromRegistry = false } = options;
  const install = fromRegistry ? installFromRegistry(npm, tarball) : installFromCheckout(tarball);
  return writeProgram(directory, 'npm', `[ "$1" = install ] || exec ${npm} "$@"\n${install}`);
}

function installFromRegistry(npm: string, tarball: string): string {
  return `for name in "$@"; do
  shift
  [ "$name" = nestjs-sftpd ] && set -- "$@" ${tarball} || set -- "$@" "$name"
done
exec ${npm} "$@" --no-audit --no-fund`;
}

function installFromCheckout(tarball: string): string {
  return `shift
# The first of the checkout's folders that has the package.
link() {
  for place in ${ROOT}/libs/sftpd/node_modules ${ROOT}/node_modules; do
    [ -d "$place/$1" ] || continue
    mkdir -p "node_modules/$(dirname "$1")"
    ln -sfn "$place/$1" "node_modules/$1"
    return
  done
  echo "$1 is no package of the checkout" >&2
  exit 1
}
# What npm installs along with a package: all that it depends on, and its peers but for the optional ones.
companions() {
  node -p '
    const { dependencies, peerDependencies, peerDependenciesMeta } = require("./node_modules/nestjs-sftpd/package.json");
    const peers = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional);
    [...Object.keys(dependencies), ...peers].join(" ")'
}
mkdir -p node_modules/.bin
for name in "$@"; do
  case "$name" in
  -*) ;;
  nestjs-sftpd)
    mkdir -p node_modules/nestjs-sftpd
    tar -xzf ${tarball} -C node_modules/nestjs-sftpd --strip-components=1
    for companion in $(companions); do link "$companion"; done
    ln -sfn ../nestjs-sftpd/bin/nestjs-sftpd.js node_modules/.bin/nestjs-sftpd
    ;;
  *) link "$name" ;;
  esac
  if [ "$name" = typescript ]; then ln -sfn ../typescript/bin/tsc node_modules/.bin/tsc; fi
done`;
}
