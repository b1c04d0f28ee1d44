import { SftpError } from '../../filesystem/sftp-error.js';
import { MalformedMessageError, type MessageReader } from '../wire/message-reader.js';
import {
  decodeChanges,
  decodeFlags,
  encodeBytes,
  encodeEntry,
  encodeInfo,
  type WireValue,
} from '../wire/values.js';
import type { Handles, OperationHandlers } from './operation-handlers.js';
import { ServedFile } from './served-file.js';
import { ServedListing } from './served-listing.js';

/** What is done with open files and listings. */
export const handleOperations = {
  renew({ handles }, { fields }) {
    for (const handle of fields.texts('handles')) handles.renew(handle);
    return {};
  },

  async listDir({ backend, handles, options: { leaseTime } }, { fields, session }) {
    const path = fields.path('path');
    const { handle, leased } = await handles.admit(
      async () => new ServedListing(path, await backend.listDir(path, session)),
    );
    const page = await nextPage(handles, handle, leased, 0);
    return page['done'] === true ? page : { ...page, cursor: handle, leaseTime };
  },

  async listNext({ handles }, { fields }) {
    const handle = fields.text('cursor');
    const listing = handles.get(handle);
    if (!(listing instanceof ServedListing)) throw new MalformedMessageError('cursor is none');
    return nextPage(handles, handle, listing, fields.integer('page'));
  },

  async listEnd({ handles }, { fields }) {
    await handles.take(fields.text('cursor'))?.abandon();
    return {};
  },

  async openFile({ backend, handles, options }, { fields, session }) {
    const path = fields.path('path');
    const flags = decodeFlags(fields.record('flags'));
    const { handle, leased } = await handles.admit(
      async () => new ServedFile(path, await backend.openFile(path, flags, session)),
    );
    const { canSetAttributes, canSync, staged } = leased;
    const { leaseTime, maxChunkBytes } = options;
    return { handle, leaseTime, maxChunkBytes, canSetAttributes, canSync, staged };
  },

  async read({ handles, options }, { fields }) {
    const length = fields.integer('length');
    if (length > options.maxChunkBytes) throw new MalformedMessageError('length is too large');
    const data = await fileOf(handles, fields).read(fields.integer('offset'), length);
    return { data: encodeBytes(data) };
  },

  async write({ handles, options }, { fields }) {
    const data = fields.bytes('data');
    if (data.length > options.maxChunkBytes) throw new MalformedMessageError('data is too long');
    await fileOf(handles, fields).write(data, fields.integer('offset'));
    return {};
  },

  stat: async ({ handles }, { fields }) => ({
    info: encodeInfo(await fileOf(handles, fields).stat()),
  }),

  async setFileAttributes({ handles }, { fields }) {
    await fileOf(handles, fields).setAttributes(decodeChanges(fields.record('changes')));
    return {};
  },

  async sync({ handles }, { fields }) {
    await fileOf(handles, fields).sync();
    return {};
  },

  async close({ handles }, { fields }) {
    const file = fileOf(handles, fields);
    handles.take(fields.text('handle'));
    await file.close();
    return {};
  },

  /** An abort of what is not there any more has come to what it wants. */
  async abort({ handles }, { fields }) {
    await handles.take(fields.text('handle'))?.abandon();
    return {};
  },
} satisfies Partial<OperationHandlers>;

/** @throws SftpError `EIO` when the handle is not there */
function fileOf(handles: Handles, fields: MessageReader): ServedFile {
  const file = handles.get(fields.text('handle'));
  if (!(file instanceof ServedFile)) throw new SftpError('EBADF');
  return file;
}

/** A page of a listing, which has ended with its last page and with a failure. */
async function nextPage(
  handles: Handles,
  handle: string,
  listing: ServedListing,
  number: number,
): Promise<WireValue> {
  try {
    const { entries, done } = await listing.page(number);
    return { entries: entries.map(encodeEntry), done };
  } finally {
    if (listing.ended) handles.take(handle);
  }
}
