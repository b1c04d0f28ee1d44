/*
 * What a CommonJS application writes: the package is an ES module that it requires. It is compiled, and never run.
 */
import sftpd = require('nestjs-sftpd');
import memory = require('nestjs-sftpd/memory');

const options: sftpd.SftpModuleOptions = {
  hostKeys: { directory: './host-keys', create: true },
  auth: { passwords: [{ username: 'dev', password: 'dev' }] },
  backend: new memory.MemoryBackend(),
};

const server = sftpd.SftpModule.forRoot(options);

export = server;
