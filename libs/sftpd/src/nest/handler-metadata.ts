import type { SftpEventName } from '../events/event-map.js';
import type { SftpGateName } from '../events/gate-map.js';
import type { GateOptions } from '../session/hooks/gates.js';

/** Further wishes of the decorators of handlers. */
export interface HandlerOptions {
  /** Only of the server that has this name. @default all servers of the application */
  readonly server?: string;
}

/** What a method is called for. */
export type Subscription = HandlerOptions &
  (
    | { readonly kind: 'event'; readonly name: SftpEventName }
    | ({ readonly kind: 'gate'; readonly name: SftpGateName } & GateOptions)
  );

const METADATA_KEY = 'sftpd:handler';

/** Notes on a method what it is called for. */
export function addSubscription(method: object, subscription: Subscription): void {
  Reflect.defineMetadata(METADATA_KEY, [subscription, ...subscriptionsOf(method)], method);
}

/** What a method is called for. */
export function subscriptionsOf(method: object): readonly Subscription[] {
  return (Reflect.getMetadata(METADATA_KEY, method) as readonly Subscription[] | undefined) ?? [];
}
