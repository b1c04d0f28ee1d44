import { Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/internal';

import type { GateVerdict } from '../events/gate-map.js';
import type { SftpEvents } from '../events/sftp-events.js';
import type { SftpGates } from '../session/hooks/gates.js';
import { type Subscription, subscriptionsOf } from './handler-metadata.js';
import { classOf, isSingleton, providerName } from './provider-lookup.js';
import { SftpOptionsError } from './sftp-options.error.js';

/** What handlers are connected to. */
export interface HookPoints {
  readonly events: SftpEvents;
  readonly gates: SftpGates;
}

/** A method that a decorator has made a handler. */
interface Handler {
  readonly instance: object;
  readonly method: string;
  readonly subscription: Subscription;
}

/** Finds the methods that `@OnSftpEvent()` and `@SftpGate()` make handlers, and connects them to a server. */
@Injectable()
export class HandlerSubscriber {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  /**
   * Subscribes all handlers of the application.
   *
   * @param points of one server
   * @param server its name, where it has one
   * @throws SftpOptionsError when a handler's provider is no singleton: nothing here has a request that it could serve
   */
  subscribe(points: HookPoints, server: string | undefined): void {
    const wrappers = [...this.discovery.getProviders(), ...this.discovery.getControllers()];
    const problems: string[] = [];
    const instances = new Set<object>();
    for (const wrapper of wrappers) {
      const [first] = wrapper.isAlias ? [] : this.#methodsOf(classOf(wrapper));
      if (first === undefined) continue;
      if (!isSingleton(wrapper)) {
        problems.push(
          `${decoratorOf(first.subscriptions)}: ${providerName(wrapper)} is not a singleton; take its scope away, or move the handler`,
        );
        continue;
      }
      const instance = instanceOf(wrapper);
      if (instance === undefined || instances.has(instance)) continue;
      instances.add(instance);
      for (const handler of this.#handlersOf(instance)) connect(points, server, handler);
    }
    if (problems.length > 0) throw new SftpOptionsError(problems);
  }

  #handlersOf(instance: object): Handler[] {
    return this.#methodsOf(instance.constructor).flatMap(({ method, subscriptions }) =>
      subscriptions.map((subscription) => ({ instance, method, subscription })),
    );
  }

  #methodsOf(type: unknown): { method: string; subscriptions: readonly Subscription[] }[] {
    const prototype: unknown = typeof type === 'function' ? type.prototype : undefined;
    if (typeof prototype !== 'object' || prototype === null) return [];
    return this.scanner.getAllMethodNames(prototype).flatMap((method) => {
      const value: unknown = Reflect.get(prototype, method);
      const subscriptions = typeof value === 'function' ? subscriptionsOf(value) : [];
      return subscriptions.length > 0 ? [{ method, subscriptions }] : [];
    });
  }
}

function connect(
  { events, gates }: HookPoints,
  server: string | undefined,
  { instance, method, subscription }: Handler,
): void {
  if (subscription.server !== undefined && subscription.server !== server) return;
  // Looked up at each call, so that an application may replace the method, e.g. by a spy.
  const call = (argument: unknown): unknown =>
    (Reflect.get(instance, method) as (argument: unknown) => unknown).call(instance, argument);
  if (subscription.kind === 'event') events.on(subscription.name, call);
  else {
    const gate = async (context: unknown): Promise<GateVerdict> =>
      (await call(context)) as GateVerdict;
    gates.add(subscription.name, gate, subscription);
  }
}

function decoratorOf([first]: readonly Subscription[]): string {
  return first?.kind === 'gate' ? '@SftpGate' : '@OnSftpEvent';
}

function instanceOf(wrapper: InstanceWrapper): object | undefined {
  const instance: unknown = wrapper.instance;
  return typeof instance === 'object' && instance !== null ? instance : undefined;
}
