/** Whose connections are taken. Each entry is an IP address or a network in CIDR notation (`10.0.0.0/8`, `2001:db8::/32`). */
export interface AccessOptions {
  /** Only these. @default everybody */
  readonly allow?: readonly string[];
  /** Never these, even when they are allowed. @default nobody */
  readonly deny?: readonly string[];
}
