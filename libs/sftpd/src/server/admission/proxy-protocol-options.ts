/** Balancers in front of the server that send the PROXY protocol's header (version 1 or 2) before the first byte. */
export interface ProxyProtocolOptions {
  /**
   * Addresses and networks (CIDR) of the balancers. What comes from them must begin with the header; nobody else's
   * header is believed.
   */
  readonly trusted: readonly string[];
}
