import { OPERATIONS, type Operation } from './client-operations.js';

/**
 * Who can do what where: `yes`, `no` (permission denied), `-` where the server does not offer it, and `way` for a
 * listing that shows the mount points alone. The users are those of `mounted-users.ts`.
 */
const TABLE = `
operation    directory  owner  partner  editor  mover  reader  dropbox  auditor

list         /          yes    yes      yes     way    yes     way      way
list         /inbox     yes    yes      yes     no     yes     no       no
list         /archive   yes    yes      yes     no     yes     no       yes

download     /          yes    no       no      no     yes     no       no
download     /inbox     yes    no       yes     no     yes     no       no
download     /archive   yes    yes      yes     no     yes     no       yes

upload       /          yes    no       no      no     no      no       no
upload       /inbox     yes    yes      no      no     no      yes      no
upload       /archive   yes    no       yes     no     no      no       no

replace      /          yes    no       no      yes    no      no       no
replace      /inbox     yes    no       yes     no     no      no       no
replace      /archive   yes    no       no      no     no      no       no

resume       /          yes    no       no      no     no      no       no
resume       /inbox     yes    no       yes     no     no      no       no
resume       /archive   yes    no       no      yes    no      no       no

chmod        /          yes    no       no      no     no      no       no
chmod        /inbox     yes    no       yes     no     no      no       no
chmod        /archive   yes    no       no      yes    no      no       no

copy         /          yes    no       no      no     no      no       no
copy         /inbox     yes    no       no      no     no      no       no
copy         /archive   yes    no       yes     no     no      no       no

mkdir        /          yes    no       no      no     no      no       no
mkdir        /inbox     yes    yes      no      no     no      yes      no
mkdir        /archive   yes    no       yes     no     no      no       no

rmdir        /          yes    no       no      no     no      no       no
rmdir        /inbox     yes    no       no      yes    no      no       no
rmdir        /archive   yes    no       yes     no     no      no       no

remove       /          yes    no       no      no     no      no       no
remove       /inbox     yes    no       no      yes    no      no       no
remove       /archive   yes    no       yes     no     no      no       no

rename       /          yes    no       no      yes    no      no       no
rename       /inbox     yes    no       no      no     no      no       no
rename       /archive   yes    no       yes     no     no      no       no

rename-onto  /          yes    no       no      yes    no      no       no
rename-onto  /inbox     yes    no       no      no     no      no       no
rename-onto  /archive   yes    no       no      no     no      no       no

symlink      /          yes    -        -       -      -       -        -
symlink      /inbox     yes    -        -       -      -       -        -
symlink      /archive   yes    -        -       -      -       -        -

hardlink     /          yes    -        -       -      -       -        -
hardlink     /inbox     yes    -        -       -      -       -        -
hardlink     /archive   yes    -        -       -      -       -        -

free         /          yes    yes      yes     yes    yes     yes      yes
free         /inbox     yes    yes      yes     yes    yes     yes      no
free         /archive   yes    yes      yes     yes    yes     no       yes
`;

/** A row of the table as one user has it. */
export interface Row {
  readonly name: string;
  readonly operation: Operation;
  readonly directory: string;
  readonly expected: string;
}

/**
 * The rows of the table for one user.
 *
 * @throws Error for a user or an operation that there is not
 */
export function rowsOf(user: string): Row[] {
  const [head = [], ...rows] = TABLE.split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(/\s+/));
  const column = head.indexOf(user);
  if (column < 0) throw new Error(`The table has no column for ${user}`);
  return rows.map((cells) => {
    const [name = '', directory = ''] = cells;
    const operation = OPERATIONS[name];
    if (operation === undefined) throw new Error(`No operation is called ${name}`);
    return { name, operation, directory, expected: cells[column] ?? '' };
  });
}
