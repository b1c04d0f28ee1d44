/** Every client takes a packet of 32,768 bytes (RFC 4253, section 6.1), and some no larger ones. */
const MAX_BANNER_BYTES = 32_000;
/** A line of identification holds 255 bytes, `SSH-2.0-` and its end among them (RFC 4253, section 4.2). */
const MAX_IDENT_BYTES = 255 - 'SSH-2.0-\r\n'.length;

/** What is wrong with the option `banner`: text for a terminal that belongs to somebody else. */
export function bannerProblems(banner: unknown): string[] {
  if (banner === undefined) return [];
  if (typeof banner !== 'string' || banner === '') {
    return ['banner: must be a text; leave it out to show none'];
  }
  // Half of a character that takes two, as a cut text has it, is no text.
  if (/[^\P{Cc}\t\n]|\p{Cs}/u.test(banner.replaceAll('\r\n', '\n'))) {
    return ['banner: must not hold control characters other than line ends and tabs'];
  }
  const lineEnds = banner.split('\n').length;
  if (Buffer.byteLength(banner) + lineEnds > MAX_BANNER_BYTES) {
    return [`banner: must not be longer than ${MAX_BANNER_BYTES} bytes, some clients take no more`];
  }
  return [];
}

/** What is wrong with the option `ident` (RFC 4253, section 4.2). */
export function identProblems(ident: unknown): string[] {
  if (ident === undefined) return [];
  // Printable ASCII, without the blank that would begin a comment, and without the minus.
  if (typeof ident !== 'string' || !/^[!-,.-~]+$/.test(ident)) {
    return [
      "ident: must be printable ASCII without blanks and minus signs, such as 'Acme_1.0' (RFC 4253, section 4.2)",
    ];
  }
  if (ident.length > MAX_IDENT_BYTES) {
    return [`ident: must not be longer than ${MAX_IDENT_BYTES} characters`];
  }
  return [];
}
