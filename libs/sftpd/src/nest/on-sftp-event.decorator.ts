import { isSftpEventName, type SftpEventMap, type SftpEventName } from '../events/server-events.js';

/** What a handler listens to. */
export interface SftpEventSubscription {
  readonly event: SftpEventName;
  /** Only of the server that has this name. @default all servers of the application */
  readonly server?: string;
}

/** Further wishes of {@link OnSftpEvent}. */
export type OnSftpEventOptions = Pick<SftpEventSubscription, 'server'>;

const METADATA_KEY = 'sftpd:on-event';

type HandlerDecorator<Name extends SftpEventName> = <
  Handler extends (event: SftpEventMap[Name]) => unknown,
>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<Handler>,
) => void;

/**
 * Has a method of a provider or controller called when something happens in a server. It may be used several
 * times on a method. The server does not wait for handlers; what they throw or reject with is logged and never
 * reaches a client.
 *
 * @param event the name of the event; its type is that of the method's parameter
 * @throws TypeError when there is no such event
 *
 * @example
 * @OnSftpEvent('connection.refused')
 * onRefused({ address, reason }: ConnectionRefusedEvent) { ... }
 *
 * @publicApi
 */
export function OnSftpEvent<Name extends SftpEventName>(
  event: Name,
  options: OnSftpEventOptions = {},
): HandlerDecorator<Name> {
  if (!isSftpEventName(event)) {
    throw new TypeError(`@OnSftpEvent: there is no event ${JSON.stringify(event)}`);
  }
  return (_target, _key, descriptor) => {
    const handler = descriptor.value;
    if (handler === undefined) return;
    const subscription: SftpEventSubscription = { event, ...options };
    const others = subscriptionsOf(handler);
    Reflect.defineMetadata(METADATA_KEY, [subscription, ...others], handler);
  };
}

/** What {@link OnSftpEvent} was told of a method. */
export function subscriptionsOf(handler: object): readonly SftpEventSubscription[] {
  const found = Reflect.getMetadata(METADATA_KEY, handler) as
    readonly SftpEventSubscription[] | undefined;
  return found ?? [];
}
