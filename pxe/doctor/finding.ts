/** Stable names of what the doctor looks at: docs/doctor.md has a row for each. */
export const findingIds = [
  'boot/dhcp-server',
  'boot/option-60-alone',
  'boot/second-proxy',
  'boot/foreign-boot-file',
  'boot/stale-boot-file',
  'boot/no-server-identifier',
  'boot/interface',
  'boot/wireless',
  'boot/default-route',
  'boot/port-dhcp',
  'boot/port-proxydhcp',
  'boot/port-tftp',
  'boot/port-http',
  'boot/firewall',
  'boot/uki-amd64',
  'boot/uki-arm64',
  'boot/ipxe',
  'boot/cache',
  'boot/factory',
  'boot/disk-space',
  'boot/clock',
] as const;

export type FindingId = (typeof findingIds)[number];

/** One thing that was looked at. `unknown` is what could not be looked at: it is never a pass. */
export interface Finding {
  readonly id: FindingId;
  readonly verdict: 'pass' | 'warn' | 'fail' | 'unknown';
  /** One sentence with what was seen. */
  readonly says: string;
  /** What to do about it; absent when there is nothing to do. */
  readonly remedy?: string;
}
