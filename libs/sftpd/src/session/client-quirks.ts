/** What a client of this make needs to be treated differently in. */
export interface ClientQuirks {
  /** Replies leave in the order of the requests. */
  readonly inOrderReplies: boolean;
  /** The content of one READ or WRITE that it may be offered by `limits@openssh.com`, in bytes. */
  readonly maxDataLength: number;
  /** The packet length that it may be offered, in bytes. */
  readonly maxPacketLength: number;
  /** What it has not consumed yet slows it down, so that it is better sent no more than it needs. */
  readonly slowedByBacklog: boolean;
}

const OPENSSH = /^OpenSSH_(?:for_Windows_)?(\d+)\.(\d+)/;
/** Old clients that match replies to requests by position. */
const NEEDS_ORDER = /^WS_FTP/i;

/**
 * The quirks of a client, told by its SSH identification.
 *
 * - OpenSSH's `scp` before 9.4 breaks when replies are not in order;
 * - OpenSSH from 8.0 to 9.1 breaks on the packets that follow from large limits, so it is offered what it
 *   would use without any (32 KiB);
 * - OpenSSH of every version moves what it has not consumed about in memory;
 * - WS_FTP needs replies in order.
 *
 * @param ident the client's identification without `SSH-2.0-`
 */
export function clientQuirks(ident: string): ClientQuirks {
  const openSsh = openSshVersion(ident);
  const breaksOnLargeLimits = openSsh !== undefined && openSsh >= 800 && openSsh <= 901;
  return {
    inOrderReplies: openSsh === undefined ? NEEDS_ORDER.test(ident) : openSsh < 904,
    maxDataLength: breaksOnLargeLimits ? 32_768 : Infinity,
    maxPacketLength: breaksOnLargeLimits ? 34_000 : Infinity,
    slowedByBacklog: openSsh !== undefined,
  };
}

/** `OpenSSH_9.2p1` is 902. */
function openSshVersion(ident: string): number | undefined {
  const match = OPENSSH.exec(ident);
  return match ? Number(match[1]) * 100 + Number(match[2]) : undefined;
}
