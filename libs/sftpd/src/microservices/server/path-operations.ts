import type { SftpBackend } from '../../filesystem/backend.js';
import { SftpError } from '../../filesystem/sftp-error.js';
import type { MessageReader } from '../wire/message-reader.js';
import { decodeChanges, encodeInfo, encodeVfsInfo } from '../wire/values.js';
import type { OperationHandlers } from './operation-handlers.js';

/** What is done by path. */
export const pathOperations = {
  fileInfo: async ({ backend }, { fields, session }) => ({
    info: encodeInfo(await backend.fileInfo(fields.path('path'), session)),
  }),

  linkInfo: async ({ backend }, { fields, session }) => ({
    info: encodeInfo(await method(backend, 'linkInfo')(fields.path('path'), session)),
  }),

  async makeDir({ backend }, { fields, session }) {
    await backend.makeDir(fields.path('path'), changesOf(fields, 'attributes'), session);
    return {};
  },

  async delDir({ backend }, { fields, session }) {
    await backend.delDir(fields.path('path'), session);
    return {};
  },

  async delete({ backend }, { fields, session }) {
    await backend.delete(fields.path('path'), session);
    return {};
  },

  async rename({ backend }, { fields, session }) {
    const overwrite = fields.flag('overwrite');
    await backend.rename(fields.path('from'), fields.path('to'), { overwrite }, session);
    return {};
  },

  async setAttributes({ backend }, { fields, session }) {
    const changes = changesOf(fields, 'changes');
    await method(backend, 'setAttributes')(fields.path('path'), changes, session);
    return {};
  },

  async setLinkAttributes({ backend }, { fields, session }) {
    const changes = changesOf(fields, 'changes');
    await method(backend, 'setLinkAttributes')(fields.path('path'), changes, session);
    return {};
  },

  async symlink({ backend }, { fields, session }) {
    await method(backend, 'symlink')(fields.path('path'), fields.text('target'), session);
    return {};
  },

  readLink: async ({ backend }, { fields, session }) => ({
    target: await method(backend, 'readLink')(fields.path('path'), session),
  }),

  async hardLink({ backend }, { fields, session }) {
    await method(backend, 'hardLink')(fields.path('existing'), fields.path('path'), session);
    return {};
  },

  statVfs: async ({ backend }, { fields, session }) => ({
    info: encodeVfsInfo(await method(backend, 'statVfs')(fields.path('path'), session)),
  }),

  async ownerNames({ backend }, { fields, session }) {
    const ids = { uids: fields.integers('uids'), gids: fields.integers('gids') };
    const { users, groups } = await method(backend, 'ownerNames')(ids, session);
    return { users, groups };
  },

  async copy({ backend, copies }, { id, fields, session }) {
    const overwrite = fields.flag('overwrite');
    await copies.run(id, (signal) =>
      method(backend, 'copy')(
        fields.path('from'),
        fields.path('to'),
        { overwrite, signal },
        session,
      ),
    );
    return {};
  },

  cancel({ copies }, { fields }) {
    copies.cancel(fields.text('copy'));
    return {};
  },
} satisfies Partial<OperationHandlers>;

type OptionalMethod = Exclude<keyof SftpBackend, 'supportsSync' | 'listedDirectoryInfo'>;

/** An optional method of a backend. @throws SftpError `ENOTSUP` when it has none */
function method<K extends OptionalMethod>(
  backend: SftpBackend,
  name: K,
): NonNullable<SftpBackend[K]> {
  const found = backend[name];
  if (found === undefined) throw new SftpError('ENOTSUP');
  return found.bind(backend) as NonNullable<SftpBackend[K]>;
}

function changesOf(fields: MessageReader, name: string): ReturnType<typeof decodeChanges> {
  return decodeChanges(fields.record(name));
}
