/**
 * The line of the log that says what encrypts, for whoever wonders why transfers are slow.
 *
 * @param native whether ssh2's native addon is in use; `undefined` where that is not known
 */
export function describeEncryption(native: boolean | undefined): string {
  switch (native) {
    case true:
      return "ssh2's native addon is in use";
    case false:
      return (
        "ssh2's native addon is not in use: encryption runs in JavaScript, several times slower. Install a C++ " +
        'compiler, make and Python, then run `npm rebuild ssh2`'
      );
    case undefined:
      return 'This version of ssh2 does not tell whether its native addon is in use';
  }
}
