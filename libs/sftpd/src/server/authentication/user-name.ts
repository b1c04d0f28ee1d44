/** Bytes of a user name that an application is asked about. */
const MAX_USER_NAME_BYTES = 1024;

/** What stands in the place of bytes that are not UTF-8: two names could look the same. */
const REPLACEMENT = '\ufffd';

/** Whether a name can be somebody's: not empty, 1024 bytes at most, UTF-8, without NUL. */
export function isUserName(name: string): boolean {
  return (
    name !== '' &&
    !name.includes('\0') &&
    !name.includes(REPLACEMENT) &&
    Buffer.byteLength(name) <= MAX_USER_NAME_BYTES
  );
}
