/**
 * - `offered`: shown to a client, which may yet take another server's. Known to this process alone.
 * - `bound`: the client uses it until `until`.
 * - `released`: the client gave it back; it gets the same again as long as nobody else needs it.
 * - `conflict`: somebody uses it who did not get it from us; nobody is given it until `until`.
 */
export type LeaseState = 'offered' | 'bound' | 'released' | 'conflict';

export interface Lease {
  /** The client's hardware address (decision 21): `52:54:00:12:34:56`. */
  readonly client: string;
  readonly address: number;
  readonly state: LeaseState;
  /** Milliseconds since 1970: leases outlive the process. */
  readonly until: number;
}
