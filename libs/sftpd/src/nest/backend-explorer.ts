import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/internal';

import { isOwnModule, classOf, providerName } from './provider-lookup.js';
import { backendOptionsOf } from './sftp-backend.decorator.js';

/** A provider that `@SftpBackend()` makes a backend. */
export interface DecoratedBackend {
  /** What the decorator was told, unchecked. */
  readonly options: unknown;
  readonly wrapper: InstanceWrapper;
  /** Its class and module, for messages. */
  readonly label: string;
}

/**
 * Finds the providers of the application that are backends by their decorator: of their own class, or of the
 * class that is their token. What a server's own options make is placed by those options, not found here.
 */
@Injectable()
export class BackendExplorer {
  constructor(private readonly discovery: DiscoveryService) {}

  /** All that can be told at this time; the class of a factory's product is known once it has been made. */
  explore(): DecoratedBackend[] {
    return this.discovery
      .getProviders()
      .filter((wrapper) => !wrapper.isAlias && !isOwnModule(wrapper.host))
      .flatMap((wrapper) => {
        const options = backendOptionsOf(classOf(wrapper)) ?? backendOptionsOf(wrapper.token);
        return options === undefined ? [] : [{ options, wrapper, label: labelOf(wrapper) }];
      });
  }
}

function labelOf(wrapper: InstanceWrapper): string {
  const module = wrapper.host?.name;
  return `${providerName(wrapper)}${module === undefined ? '' : ` of ${module}`}`;
}
