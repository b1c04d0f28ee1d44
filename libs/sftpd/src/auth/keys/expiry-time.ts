const TIME = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(Z|UTC)?$/i;

/**
 * Reads the value of the option `expiry-time` (sshd(8)): `YYYYMMDD`, `YYYYMMDDHHMM` or `YYYYMMDDHHMMSS`, in the
 * time zone of this process or, with a `Z` (or `UTC`) behind it, in UTC.
 *
 * @throws Error when it is none, or names a day or time that does not exist
 */
export function parseExpiryTime(text: string): Date {
  const match = TIME.exec(text);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = (match ?? [])
    .slice(1, 7)
    .map((digits: string | undefined) => Number(digits ?? 0));
  const utc = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  // A thirteenth month or a 31st of June would become some other day.
  const exists =
    match !== null &&
    utc.getUTCMonth() === month - 1 &&
    utc.getUTCDate() === day &&
    utc.getUTCHours() === hour &&
    utc.getUTCMinutes() === minute &&
    utc.getUTCSeconds() === second;
  if (!exists) {
    throw new Error('the option expiry-time must be a time that exists, as YYYYMMDD[HHMM[SS]][Z]');
  }
  return match[7] === undefined ? new Date(year, month - 1, day, hour, minute, second) : utc;
}
