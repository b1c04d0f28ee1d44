import { Injectable } from '@nestjs/common';
import {
  type Gate,
  type GateVerdict,
  SftpGate,
  type SftpGateMap,
  type SftpGateName,
} from 'nestjs-sftpd';

import type { Recorder } from './recorder.js';

/**
 * Stands at every gate. What a story sets up there decides; all else may pass, as soon as the recorder has looked at
 * the storage: a look that takes time is not overtaken by what the client does next.
 */
@Injectable()
export class Gatekeeper {
  /** What has been asked, in order. */
  readonly asked: SftpGateName[] = [];
  readonly #gates = new Map<SftpGateName, Gate<never>>();
  readonly #recorder: Pick<Recorder, 'hasLooked'>;

  constructor(recorder: Pick<Recorder, 'hasLooked'>) {
    this.#recorder = recorder;
  }

  /** From now on, has this decide. */
  set<Name extends SftpGateName>(name: Name, gate: Gate<Name>): void {
    this.#gates.set(name, gate);
  }

  @SftpGate('upload.open')
  uploadOpen(context: SftpGateMap['upload.open']): Promise<GateVerdict> {
    return this.#ask('upload.open', context);
  }

  @SftpGate('upload.commit')
  uploadCommit(context: SftpGateMap['upload.commit']): Promise<GateVerdict> {
    return this.#ask('upload.commit', context);
  }

  @SftpGate('upload.acknowledge')
  uploadAcknowledge(context: SftpGateMap['upload.acknowledge']): Promise<GateVerdict> {
    return this.#ask('upload.acknowledge', context);
  }

  @SftpGate('download.open')
  downloadOpen(context: SftpGateMap['download.open']): Promise<GateVerdict> {
    return this.#ask('download.open', context);
  }

  @SftpGate('file.remove')
  fileRemove(context: SftpGateMap['file.remove']): Promise<GateVerdict> {
    return this.#ask('file.remove', context);
  }

  @SftpGate('file.rename')
  fileRename(context: SftpGateMap['file.rename']): Promise<GateVerdict> {
    return this.#ask('file.rename', context);
  }

  @SftpGate('directory.create')
  directoryCreate(context: SftpGateMap['directory.create']): Promise<GateVerdict> {
    return this.#ask('directory.create', context);
  }

  @SftpGate('directory.remove')
  directoryRemove(context: SftpGateMap['directory.remove']): Promise<GateVerdict> {
    return this.#ask('directory.remove', context);
  }

  async #ask<Name extends SftpGateName>(
    name: Name,
    context: SftpGateMap[Name],
  ): Promise<GateVerdict> {
    this.asked.push(name);
    await this.#recorder.hasLooked();
    const gate = this.#gates.get(name) as Gate<Name> | undefined;
    return gate?.(context);
  }
}
