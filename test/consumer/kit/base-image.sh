#!/usr/bin/env bash
# Makes a root file system that stands for the images `node:22` and `node:22-slim`, which a test cannot fetch: this
# machine's node and npm, a shell, the few tools that a Dockerfile calls, and the user `node`.
#
#     base-image.sh DIRECTORY
set -euo pipefail
root=$1

programs=(sh bash env install ls cat id mkdir rm cp chmod chown touch sleep)
node=$(node -p process.execPath)
npm=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")

# put FILE [NAME]: a file, links resolved, at its own place or another one.
put() {
  mkdir -p "$root$(dirname "${2-$1}")"
  cp -L "$1" "$root${2-$1}"
}

mkdir -p "$root"/{bin,etc/ssl,home/node,proc,root,run,sys,dev,tmp,usr/local/bin,usr/local/lib/node_modules}
chmod 1777 "$root/tmp"
for program in "${programs[@]}"; do put "$(command -v "$program")" "/bin/$program"; done
mkdir -p "$root/usr/bin"
ln -s /bin/env "$root/usr/bin/env"
put "$node" /usr/local/bin/node
cp -r "$npm" "$root/usr/local/lib/node_modules/npm"
for name in npm npx; do
  ln -s "../lib/node_modules/npm/bin/$name-cli.js" "$root/usr/local/bin/$name"
done

# The libraries of all of them, and those that find names of hosts.
for file in "$root"/bin/* "$root/usr/local/bin/node"; do ldd "$file" || true; done 2>/dev/null |
  grep -oE '/[^ ]+' | sort -u | while read -r library; do put "$library"; done
for library in $(ldconfig -p | grep -oE '/\S+/libnss_(files|dns)\.so\.2$' || true); do put "$library"; done

printf 'root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n' > "$root/etc/passwd"
printf 'root:x:0:\nnode:x:1000:\n' > "$root/etc/group"
echo 'hosts: files dns' > "$root/etc/nsswitch.conf"
put /etc/resolv.conf
put /etc/hosts
cp -rL /etc/ssl/certs "$root/etc/ssl/"
if [ -n "${NODE_EXTRA_CA_CERTS-}" ]; then put "$NODE_EXTRA_CA_CERTS"; fi
