import { types } from 'node:util';

import {
  type AuthenticationMethod,
  type AuthenticationResult,
  RESULT_KIND,
} from '../../auth/authenticator.js';
import type { SessionAttributes, SessionLimits } from '../../filesystem/session.js';
import { sessionLimitProblems } from './session-limits.js';

/** What an authenticator has decided, checked. */
export type Verdict =
  | {
      readonly kind: 'accepted';
      readonly attributes: SessionAttributes;
      readonly limits: SessionLimits;
    }
  | {
      readonly kind: 'partial';
      readonly methods: readonly AuthenticationMethod[];
      readonly attributes: SessionAttributes;
    }
  | {
      readonly kind: 'refused';
      readonly reason: string | undefined;
      readonly disconnect: boolean;
    }
  /** The authenticator has failed, or what it returned is no result. */
  | { readonly kind: 'invalid'; readonly problem: string; readonly error?: unknown };

const REFUSED: Verdict = { kind: 'refused', reason: undefined, disconnect: false };
const RESULT_NAMES = ['Acceptance', 'PartialSuccess', 'Refusal'];

type Marked = Readonly<Record<PropertyKey, unknown>>;

/**
 * Reads what an authenticator has returned. Only what is certainly a yes is one.
 *
 * @param result whatever it was
 */
export function verdictOf(result: AuthenticationResult): Verdict {
  const given: unknown = result;
  if (given === true) return { kind: 'accepted', attributes: {}, limits: {} };
  if (given === false || given === null || given === undefined) return REFUSED;
  if (typeof given !== 'object') return invalid(`a ${typeof given}`);
  if (RESULT_KIND in given) return verdictOfMarked(given);
  return isAttributes(given)
    ? { kind: 'accepted', attributes: given, limits: {} }
    : invalid(kindOf(given));
}

function verdictOfMarked(result: Marked): Verdict {
  switch (result[RESULT_KIND]) {
    case 'acceptance':
      return acceptance(result);
    case 'partial-success':
      return partialSuccess(result);
    case 'refusal': {
      const { reason, disconnect } = result;
      return {
        kind: 'refused',
        reason: typeof reason === 'string' ? reason : undefined,
        disconnect: disconnect === true,
      };
    }
    default:
      return invalid('a result that this version of nestjs-sftpd does not know');
  }
}

function acceptance({ attributes, limits }: Marked): Verdict {
  if (!isAttributes(attributes)) return invalid('an Acceptance whose attributes are no object');
  const [problem] = sessionLimitProblems(limits);
  if (problem !== undefined) return invalid(`an Acceptance with wrong limits (${problem})`);
  return { kind: 'accepted', attributes, limits: limits as SessionLimits };
}

function partialSuccess({ methods, attributes }: Marked): Verdict {
  if (!isAttributes(attributes)) return invalid('a PartialSuccess whose attributes are no object');
  if (!Array.isArray(methods) || methods.length === 0) {
    return invalid('a PartialSuccess that names no method to go on with');
  }
  return { kind: 'partial', methods: methods as AuthenticationMethod[], attributes };
}

/** Whether a value can be the attributes of a session: a plain object, or one of a class of the application's. */
function isAttributes(value: unknown): value is SessionAttributes {
  return (
    typeof value === 'object' &&
    value !== null &&
    !(RESULT_KIND in value) &&
    !types.isNativeError(value) &&
    !(value instanceof Error) &&
    Object.prototype.toString.call(value) === '[object Object]' &&
    !RESULT_NAMES.includes(classNameOf(value))
  );
}

function kindOf(value: object): string {
  if (types.isNativeError(value) || value instanceof Error) return 'an error; it should be thrown';
  if (Array.isArray(value)) return 'an array';
  const name = classNameOf(value);
  return RESULT_NAMES.includes(name)
    ? `an object of a class ${name} that is not the one of nestjs-sftpd`
    : `an object of the class ${name}`;
}

function classNameOf(value: object): string {
  const { constructor } = value as { readonly constructor?: unknown };
  return typeof constructor === 'function' ? constructor.name : 'Object';
}

function invalid(what: string): Verdict {
  return { kind: 'invalid', problem: `has returned ${what}` };
}
