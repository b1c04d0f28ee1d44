import { Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/internal';

import type { SftpEvents } from '../events/server-events.js';
import { type SftpEventSubscription, subscriptionsOf } from './on-sftp-event.decorator.js';
import { classOf, isSingleton, providerName } from './provider-lookup.js';
import { SftpOptionsError } from './sftp-options.error.js';

/** A method that listens to an event. */
interface Handler {
  readonly instance: object;
  readonly method: string;
  readonly subscription: SftpEventSubscription;
}

/** Finds the methods of the application that `@OnSftpEvent()` makes handlers, and has a server tell them. */
@Injectable()
export class EventSubscriber {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  /**
   * Subscribes all handlers of the application.
   *
   * @param events of one server
   * @param server its name, where it has one
   * @throws SftpOptionsError when a handler's provider is no singleton: events have no request that it could serve
   */
  subscribe(events: SftpEvents, server: string | undefined): void {
    const wrappers = [...this.discovery.getProviders(), ...this.discovery.getControllers()];
    const problems: string[] = [];
    const instances = new Set<object>();
    for (const wrapper of wrappers) {
      if (wrapper.isAlias || this.#methodsOf(classOf(wrapper)).length === 0) continue;
      if (!isSingleton(wrapper)) {
        problems.push(
          `@OnSftpEvent: ${providerName(wrapper)} is not a singleton; take its scope away, or move the handler`,
        );
        continue;
      }
      const instance = instanceOf(wrapper);
      if (instance === undefined || instances.has(instance)) continue;
      instances.add(instance);
      for (const handler of this.#handlersOf(instance)) connect(events, server, handler);
    }
    if (problems.length > 0) throw new SftpOptionsError(problems);
  }

  #handlersOf(instance: object): Handler[] {
    return this.#methodsOf(instance.constructor).flatMap(({ method, subscriptions }) =>
      subscriptions.map((subscription) => ({ instance, method, subscription })),
    );
  }

  #methodsOf(type: unknown): { method: string; subscriptions: readonly SftpEventSubscription[] }[] {
    const prototype: unknown = typeof type === 'function' ? type.prototype : undefined;
    if (typeof prototype !== 'object' || prototype === null) return [];
    return this.scanner.getAllMethodNames(prototype).flatMap((method) => {
      const value: unknown = Reflect.get(prototype, method);
      const subscriptions = typeof value === 'function' ? subscriptionsOf(value) : [];
      return subscriptions.length > 0 ? [{ method, subscriptions }] : [];
    });
  }
}

function connect(events: SftpEvents, server: string | undefined, handler: Handler): void {
  const { instance, method, subscription } = handler;
  if (subscription.server !== undefined && subscription.server !== server) return;
  // Looked up at each event, so that an application may replace the method, e.g. by a spy.
  events.on(subscription.event, (event) =>
    (Reflect.get(instance, method) as (event: unknown) => unknown).call(instance, event),
  );
}

function instanceOf(wrapper: InstanceWrapper): object | undefined {
  const instance: unknown = wrapper.instance;
  return typeof instance === 'object' && instance !== null ? instance : undefined;
}
