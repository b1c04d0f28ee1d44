// As little of an SFTP server as OpenSSH's client needs to put and get small files, straight on ssh2's channel, without
// checks, limits, order, events or a log: what it takes is what ssh2 and Node take. It shows how far the gateway is from
// that, and serves nothing else. Arguments: host key, public key of the only client.
import { readFileSync } from 'node:fs';
import ssh2 from 'ssh2';

const { parseKey } = ssh2.utils;
const [, , hostKey, clientKey] = process.argv;
const allowed = parseKey(readFileSync(clientKey));

const T = {
  INIT: 1,
  VERSION: 2,
  OPEN: 3,
  CLOSE: 4,
  READ: 5,
  WRITE: 6,
  LSTAT: 7,
  FSTAT: 8,
  OPENDIR: 11,
  READDIR: 12,
  REMOVE: 13,
  MKDIR: 14,
  REALPATH: 16,
  STAT: 17,
  STATUS: 101,
  HANDLE: 102,
  DATA: 103,
  NAME: 104,
  ATTRS: 105,
};
const [OK, EOF, NO_SUCH_FILE] = [0, 1, 2];
const TRUNC = 16;
const DIRECTORY = 0o40755;
const REGULAR = 0o100644;

/** By path: the content of a file, and nothing of a directory. @type {Map<string, Buffer | undefined>} */
const files = new Map([['/', undefined]]);

const server = new ssh2.Server({ hostKeys: [readFileSync(hostKey)] }, (client) => {
  client._sock.setNoDelay(true);
  client.on('error', () => undefined);
  client.on('authentication', (context) => {
    if (context.method !== 'publickey') context.reject(['publickey']);
    else if (!context.signature) context.accept();
    else if (allowed.verify(context.blob, context.signature, context.hashAlgo) === true) {
      context.accept();
    } else context.reject();
  });
  client.on('session', (accept) => {
    accept().on('subsystem', (acceptSubsystem) => serve(acceptSubsystem()));
  });
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`bare ssh2 listening on ${server.address().port}\n`);
});

function serve(stream) {
  const handles = new Map();
  let pending = Buffer.alloc(0);
  let lastHandle = 0;
  stream.on('data', (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    while (pending.length >= 4 && pending.length >= 4 + pending.readUInt32BE(0)) {
      const length = pending.readUInt32BE(0);
      stream.write(answer(pending.subarray(4, 4 + length)));
      pending = pending.subarray(4 + length);
    }
  });
  // ssh2 keeps the channel open until both sides have ended it.
  stream.on('end', () => stream.end());

  function answer(packet) {
    const [type] = packet;
    if (type === T.INIT) return packetOf(T.VERSION, uint32(3));
    const id = packet.subarray(1, 5);
    const text = packet.subarray(9, 9 + packet.readUInt32BE(5));
    const rest = packet.subarray(9 + text.length);
    const name = String(text);
    switch (type) {
      case T.REALPATH:
        return packetOf(T.NAME, id, uint32(1), string(absolute(name)), string(''), uint32(0));
      case T.STAT:
      case T.LSTAT:
        return attributes(id, absolute(name));
      case T.OPEN: {
        const path = absolute(name);
        if ((rest.readUInt32BE(0) & TRUNC) !== 0 || !files.has(path))
          files.set(path, Buffer.alloc(0));
        lastHandle += 1;
        handles.set(String(lastHandle), path);
        return packetOf(T.HANDLE, id, string(String(lastHandle)));
      }
      case T.FSTAT:
        return attributes(id, handles.get(name));
      case T.WRITE: {
        const path = handles.get(name);
        const offset = Number(rest.readBigUInt64BE(0));
        files.set(path, Buffer.concat([files.get(path).subarray(0, offset), rest.subarray(12)]));
        return status(id, OK);
      }
      case T.READ: {
        const content = files.get(handles.get(name));
        const offset = Number(rest.readBigUInt64BE(0));
        if (offset >= content.length) return status(id, EOF);
        return packetOf(
          T.DATA,
          id,
          string(content.subarray(offset, offset + rest.readUInt32BE(8))),
        );
      }
      case T.OPENDIR:
        lastHandle += 1;
        handles.set(String(lastHandle), `${absolute(name)}/`);
        return packetOf(T.HANDLE, id, string(String(lastHandle)));
      case T.READDIR: {
        const start = handles.get(name);
        handles.delete(name);
        if (start === undefined) return status(id, EOF);
        const names = [...files.keys()].filter((one) => one.startsWith(start));
        const entries = names.map((one) => string(one.slice(start.length)));
        const listed = entries.flatMap((entry) => [entry, entry, uint32(0)]);
        return packetOf(T.NAME, id, uint32(names.length), ...listed);
      }
      case T.REMOVE:
        files.delete(absolute(name));
        return status(id, OK);
      case T.MKDIR:
        files.set(absolute(name), undefined);
        return status(id, OK);
      default:
        return status(id, OK);
    }
  }
}

function attributes(id, path) {
  if (!files.has(path)) return status(id, NO_SUCH_FILE);
  const content = files.get(path);
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(content?.length ?? 0));
  return packetOf(
    T.ATTRS,
    id,
    uint32(5),
    size,
    uint32(content === undefined ? DIRECTORY : REGULAR),
  );
}

function absolute(name) {
  return name === '.' ? '/' : name.startsWith('/') ? name : `/${name}`;
}

function status(id, code) {
  return packetOf(T.STATUS, id, uint32(code), string(''), string(''));
}

function packetOf(type, ...parts) {
  const length = 1 + parts.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([uint32(length), Buffer.from([type]), ...parts]);
}

function string(value) {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function uint32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
