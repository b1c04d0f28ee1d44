import {
  type GateVerdict,
  isSftpGateName,
  type SftpGateMap,
  type SftpGateName,
} from '../events/gate-map.js';
import type { MaybePromise } from '../filesystem/maybe-promise.js';
import type { GateOptions } from '../session/hooks/gates.js';
import { addSubscription, type HandlerOptions } from './handler-metadata.js';

type GateDecorator<Name extends SftpGateName> = <
  Handler extends (context: SftpGateMap[Name]) => MaybePromise<GateVerdict> | MaybePromise<void>,
>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<Handler>,
) => void;

/**
 * Has a method of a provider or controller asked before something happens in a server. It may be used several times
 * on a method. Several gates of one name are asked one after the other, in the order of the modules and providers,
 * until one refuses. The method lets pass with nothing or `true`; it refuses with `false`, with a text that the client
 * is told, or with whatever it throws: an `SftpError` as it is, anything else is logged and the client told of no
 * reason. A gate that takes longer than the option `gateTimeout` refuses.
 *
 * @param gate the name of the gate; its type is that of the method's parameter
 * @param options the server, and whether the gate looks at the content
 * @throws TypeError when there is no such gate
 *
 * @example
 * @SftpGate('upload.commit')
 * async scan({ read, path }: CommitGateContext) {
 *   if (read && (await this.scanner.isInfected(read()))) return `${path} carries a virus`;
 * }
 *
 * @publicApi
 */
export function SftpGate<Name extends SftpGateName>(
  gate: Name,
  options: HandlerOptions & GateOptions = {},
): GateDecorator<Name> {
  if (!isSftpGateName(gate)) {
    throw new TypeError(`@SftpGate: there is no gate ${JSON.stringify(gate)}`);
  }
  return (_target, _key, descriptor) => {
    if (descriptor.value !== undefined) {
      addSubscription(descriptor.value, { kind: 'gate', name: gate, ...options });
    }
  };
}
