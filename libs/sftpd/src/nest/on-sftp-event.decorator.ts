import { addSubscription, type HandlerOptions } from './handler-metadata.js';
import { isSftpEventName, type SftpEventMap, type SftpEventName } from '../events/event-map.js';

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
  options: HandlerOptions = {},
): HandlerDecorator<Name> {
  if (!isSftpEventName(event)) {
    throw new TypeError(`@OnSftpEvent: there is no event ${JSON.stringify(event)}`);
  }
  return (_target, _key, descriptor) => {
    if (descriptor.value !== undefined) {
      addSubscription(descriptor.value, { kind: 'event', name: event, ...options });
    }
  };
}
