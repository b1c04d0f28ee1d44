import type { StatusName } from '../../support/raw-wire.js';
import { BACKEND_CALLS, type BackendCall } from './backend-calls.js';
import type { AnyLevel, FaultPoint } from './faulty-backend.js';

/** What a method returns instead of what the contract wants, and what the client is told. */
export interface WrongAnswer {
  readonly call: BackendCall;
  readonly title: string;
  readonly value: unknown;
  /** A status, or the kind of the reply where the server makes the best of it. */
  readonly outcome: StatusName | 'ATTRS' | 'HANDLE' | 'NAME';
}

const nothing = (): void => undefined;
const WRITER = { write: nothing, finish: nothing, abort: nothing };
const FILE = { read: () => 0, write: nothing, stat: () => INFO, close: nothing, abort: nothing };
const INFO = { type: 'regular', size: 1 };

const NO_OBJECTS = { undefined, null: null, 'a number': 5, 'a text': 'text' };

const NO_INFO = {
  ...NO_OBJECTS,
  'an empty object': {},
  'no size': { type: 'regular' },
  'no type': { size: 1 },
  'a type that is none': { type: 'folder', size: 1 },
  'a size that is a text': { type: 'regular', size: '12' },
};
const NO_SIZES = {
  'the size NaN': { type: 'regular', size: NaN },
  'a negative size': { type: 'regular', size: -1 },
  'the size 2^60': { type: 'regular', size: 2 ** 60 },
};
const NO_COUNTS = {
  undefined,
  null: null,
  'a text': 'text',
  'the count NaN': NaN,
  'a negative count': -1,
  'half a byte': 0.5,
  'a count beyond the buffer': 2 ** 60,
};
const NO_BYTES = { ...NO_OBJECTS, 'a list of numbers': [1, 2, 3] };

/** Wrong answers by method; the outcome is FAILURE. */
const FAILING: Partial<Record<FaultPoint, Readonly<Record<string, unknown>>>> = {
  fileInfo: NO_INFO,
  linkInfo: NO_INFO,
  'file.stat': NO_INFO,
  listDir: { undefined, null: null, 'a number': 5, 'an object': {} },
  'entries.next': {
    ...NO_OBJECTS,
    'an entry that is null': { value: null },
    'an entry that is a number': { value: 5 },
    'an entry without a name': { value: { info: INFO } },
    'a name that is a number': { value: { name: 5, info: INFO } },
    'an entry without attributes': { value: { name: 'x' } },
    'attributes without a size': { value: { name: 'x', info: { type: 'regular' } } },
    'a time that is a text': { value: { name: 'x', info: { ...INFO, modifiedAt: 'now' } } },
  },
  readLink: { undefined, null: null, 'a number': 5, 'an object': {} },
  statVfs: { ...NO_OBJECTS, 'an empty object': {}, 'a size that is a text': { blockSize: '1' } },
  ownerNames: { ...NO_OBJECTS, 'an empty object': {}, 'no groups': { users: ['root'] } },
  openFile: {
    ...NO_OBJECTS,
    'an empty object': {},
    ...without(FILE),
  },
  'file.read': NO_COUNTS,
  beginWrite: { ...NO_OBJECTS, 'an empty object': {}, ...without(WRITER) },
  readFileRange: { ...NO_BYTES, 'more than was asked for': Buffer.alloc(300_000) },
  readFile: NO_BYTES,
};

/** Methods of which the server wants nothing: whatever they return is no failure. */
const NO_RESULT: readonly FaultPoint[] = [
  ...(['makeDir', 'delDir', 'delete', 'rename', 'setAttributes', 'setLinkAttributes'] as const),
  ...(['symlink', 'hardLink', 'copy', 'file.write', 'file.setAttributes', 'file.sync'] as const),
  ...(['file.close', 'writer.write', 'writer.finish', 'writeFile'] as const),
];

/** Every wrong answer that a backend of a level can give. */
export function wrongAnswers(level: AnyLevel): WrongAnswer[] {
  return BACKEND_CALLS.filter(({ levels }) => levels.includes(level)).flatMap((call) => [
    ...answers(call, FAILING[call.point] ?? {}, 'FAILURE'),
    ...(NO_RESULT.includes(call.point) ? answers(call, NO_OBJECTS, 'OK') : []),
    ...sizes(call),
  ]);
}

/** A size that does not fit is shown as the nearest that does; a file is not opened by it. */
function sizes(call: BackendCall): WrongAnswer[] {
  if (call.type === 'open' && call.point === 'fileInfo') return answers(call, NO_SIZES, 'FAILURE');
  const isFile = ['stat', 'lstat'].includes(call.type) || call.point === 'file.stat';
  return isFile ? answers(call, NO_SIZES, 'ATTRS') : [];
}

function answers(
  call: BackendCall,
  values: Readonly<Record<string, unknown>>,
  outcome: WrongAnswer['outcome'],
): WrongAnswer[] {
  return Object.entries(values).map(([title, value]) => ({ call, title, value, outcome }));
}

/** An object once without each of its members. */
function without(whole: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.keys(whole).map((left) => [
      `no ${left}()`,
      Object.fromEntries(Object.entries(whole).filter(([name]) => name !== left)),
    ]),
  );
}
