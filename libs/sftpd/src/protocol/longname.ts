const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const HALF_A_YEAR_MS = 182 * 24 * 3600 * 1000;

const TYPE_LETTERS: Readonly<Record<number, string>> = {
  0o140000: 's',
  0o120000: 'l',
  0o100000: '-',
  0o060000: 'b',
  0o040000: 'd',
  0o020000: 'c',
  0o010000: 'p',
};

/** What one line of `ls -l` shows. */
export interface LongnameFields {
  /** POSIX mode: file type and permission bits. */
  readonly mode: number;
  readonly links: number;
  readonly owner: string;
  readonly group: string;
  /** Bytes. */
  readonly size: number;
  readonly modifiedAt: Date;
  readonly name: string;
}

/**
 * One line as `ls -l` prints it, which clients such as FileZilla parse
 * (draft-ietf-secsh-filexfer-02, section 7). Times are UTC.
 *
 * @param now what decides between the time of day and the year
 */
export function longname(fields: LongnameFields, now: Date): string {
  const { mode, links, owner, group, size, modifiedAt, name } = fields;
  return [
    modeString(mode),
    String(links).padStart(4),
    column(owner),
    column(group),
    String(size).padStart(8),
    dateString(modifiedAt, now),
    name,
  ].join(' ');
}

/** A column must stay one word for those who split the line at spaces. */
function column(text: string): string {
  return (text.replace(/\s+/g, '_') || '?').padEnd(8);
}

function modeString(mode: number): string {
  return (
    (TYPE_LETTERS[mode & 0o170000] ?? '-') +
    triple(mode >> 6, mode & 0o4000, 's') +
    triple(mode >> 3, mode & 0o2000, 's') +
    triple(mode, mode & 0o1000, 't')
  );
}

function triple(bits: number, special: number, letter: string): string {
  const executable = (bits & 1) !== 0;
  const last =
    special === 0 ? (executable ? 'x' : '-') : executable ? letter : letter.toUpperCase();
  return ((bits & 4) !== 0 ? 'r' : '-') + ((bits & 2) !== 0 ? 'w' : '-') + last;
}

function dateString(modifiedAt: Date, now: Date): string {
  // A date that is none would print as NaN, in a column that clients parse.
  const date = new Date(modifiedAt.getTime() || 0);
  const month = MONTHS[date.getUTCMonth()] ?? 'Jan';
  const day = String(date.getUTCDate()).padStart(2);
  const age = now.getTime() - date.getTime();
  const recent = age < HALF_A_YEAR_MS && age > -HALF_A_YEAR_MS;
  return `${month} ${day} ${recent ? timeOfDay(date) : String(date.getUTCFullYear()).padStart(5)}`;
}

function timeOfDay(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
}
