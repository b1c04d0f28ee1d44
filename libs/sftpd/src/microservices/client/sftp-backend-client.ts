import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { ClientProxy } from '@nestjs/microservices';

import type {
  OverwriteOption,
  RandomAccessBackend,
  SftpBackend,
} from '../../filesystem/backend.js';
import type { AttributeChanges, DirEntry, FileInfo } from '../../filesystem/file-info.js';
import type { OpenFile, OpenFlags } from '../../filesystem/open-file.js';
import type { SftpPath } from '../../filesystem/path.js';
import type { SftpSession } from '../../filesystem/session.js';
import { SftpError } from '../../filesystem/sftp-error.js';
import { type Capability, isCapability } from '../../filesystem/backend-methods.js';
import { WIRE_VERSION } from '../wire/operations.js';
import { decodeInfo, encodeChanges } from '../wire/values.js';
import { LeaseKeeper } from './lease-keeper.js';
import { optionalMembers } from './optional-methods.js';
import { openRemoteFile } from './remote-file.js';
import { openRemoteListing } from './remote-listing.js';
import { nothing, RemoteLink } from './remote-link.js';
import {
  checkedClientOptions,
  type SftpBackendClientOptions,
} from './sftp-backend-client-options.js';

type Optional<Name extends Capability> = NonNullable<SftpBackend[Name]>;

/**
 * A backend that lives in another process, behind any Nest microservice transport. The other side serves it with
 * `SftpBackendController`.
 *
 * Failures of the remote backend keep their code and message. Time-outs, lost connections, restarts of the other
 * side and answers that make no sense are `EIO`, with the reason as the error's `cause`; the next call connects
 * again. The proxy stays its maker's: `ClientsModule` closes those that it has made.
 *
 * @example
 * SftpModule.forRootAsync({
 *   imports: [ClientsModule.register([{ name: 'FILES', transport: Transport.TCP, options: { port: 4000 } }])],
 *   backend: { inject: ['FILES'], useFactory: (files: ClientProxy) => new SftpBackendClient(files) },
 *   useFactory: () => ({ hostKeys, auth }),
 * });
 *
 * @publicApi
 */
export class SftpBackendClient implements RandomAccessBackend, OnModuleInit, OnApplicationShutdown {
  declare readonly supportsSync?: Optional<'supportsSync'>;
  declare readonly linkInfo?: Optional<'linkInfo'>;
  declare readonly setAttributes?: Optional<'setAttributes'>;
  declare readonly setLinkAttributes?: Optional<'setLinkAttributes'>;
  declare readonly symlink?: Optional<'symlink'>;
  declare readonly readLink?: Optional<'readLink'>;
  declare readonly hardLink?: Optional<'hardLink'>;
  declare readonly statVfs?: Optional<'statVfs'>;
  declare readonly copy?: Optional<'copy'>;
  declare readonly ownerNames?: Optional<'ownerNames'>;

  readonly #link: RemoteLink;
  readonly #leases: LeaseKeeper;
  readonly #pattern: string;
  #connected: Promise<void> | undefined;

  /**
   * @param proxy the way to the other side, of any transport with messages and answers
   * @throws TypeError naming the option that is wrong
   */
  constructor(proxy: ClientProxy, options: SftpBackendClientOptions = {}) {
    const checked = checkedClientOptions(options);
    this.#pattern = checked.pattern;
    this.#link = new RemoteLink(proxy, checked);
    this.#leases = new LeaseKeeper(this.#link);
    if (checked.capabilities !== undefined) {
      this.#adopt(checked.capabilities);
      this.#connected = Promise.resolve();
    }
  }

  /**
   * Asks the other side what its backend can do, unless the option `capabilities` says it. From then on this has
   * the optional methods that the remote backend has, and no others. Nest calls it when the module starts; call
   * it yourself for a client that is no provider. Asks once, however often it is called, until it is answered.
   *
   * @throws Error that names the pattern and the fix
   */
  connect(): Promise<void> {
    this.#connected ??= this.#describe().catch((error: unknown) => {
      this.#connected = undefined;
      throw error;
    });
    return this.#connected;
  }

  /** @internal */
  onModuleInit(): Promise<void> {
    return this.connect();
  }

  /** @internal In the last phase: the server has ended its transfers in an earlier one. */
  onApplicationShutdown(): void {
    this.#leases.stop();
  }

  listDir(path: SftpPath, session: SftpSession): Promise<AsyncIterable<DirEntry>> {
    return openRemoteListing(this.#link, this.#leases, path, session);
  }

  fileInfo(path: SftpPath, session: SftpSession): Promise<FileInfo> {
    return this.#link.call('fileInfo', session, { path }, (value) =>
      decodeInfo(value.record('info')),
    );
  }

  openFile(path: SftpPath, flags: OpenFlags, session: SftpSession): Promise<OpenFile> {
    return openRemoteFile(this.#link, this.#leases, path, flags, session);
  }

  makeDir(path: SftpPath, attributes: AttributeChanges, session: SftpSession): Promise<void> {
    const body = { path, attributes: encodeChanges(attributes) };
    return this.#link.call('makeDir', session, body, nothing);
  }

  delDir(path: SftpPath, session: SftpSession): Promise<void> {
    return this.#link.call('delDir', session, { path }, nothing);
  }

  delete(path: SftpPath, session: SftpSession): Promise<void> {
    return this.#link.call('delete', session, { path }, nothing);
  }

  rename(
    from: SftpPath,
    to: SftpPath,
    { overwrite }: OverwriteOption,
    session: SftpSession,
  ): Promise<void> {
    return this.#link.call('rename', session, { from, to, overwrite }, nothing);
  }

  async #describe(): Promise<void> {
    try {
      const { version, capabilities } = await this.#link.call(
        'describe',
        'nobody',
        {},
        (value) => ({
          version: value.integer('version'),
          capabilities: value.texts('capabilities'),
        }),
      );
      if (version !== WIRE_VERSION) {
        throw new Error(
          `the other side speaks version ${version} of the messages and this one ${WIRE_VERSION}, ` +
            'so they need the same version of nestjs-sftpd',
        );
      }
      this.#adopt(capabilities.filter(isCapability));
    } catch (error) {
      const reason = error instanceof SftpError ? (error.cause ?? error) : error;
      throw new Error(
        `SftpBackendClient cannot learn what its remote backend can do: ` +
          `${reason instanceof Error ? reason.message : String(reason)}. ` +
          `Start the service whose controllers include SftpBackendController(..., { pattern: '${this.#pattern}' }) ` +
          `first, or name what it can do in the option 'capabilities' to start without it.`,
        { cause: error },
      );
    }
  }

  #adopt(capabilities: readonly Capability[]): void {
    const all = optionalMembers(this.#link);
    for (const name of capabilities) Object.assign(this, { [name]: all[name] });
  }
}
