import type { BootMomentKind, BootTimeline } from './boot-timeline.ts';
import { type Millis, seconds } from './millis.ts';
import { parseTimestamp } from './timestamp.ts';

/** Why a boot does not go on, as far as that can be told from outside of the machine. */
export interface BootStall {
  /** Since the last thing that happened. */
  readonly since: string;
  /** What the console of the machine probably says. */
  readonly shows: string;
  readonly cause: string;
  readonly remedy: string;
}

interface StallRow {
  readonly after: BootMomentKind;
  readonly patience: Millis;
  readonly when?: (timeline: BootTimeline) => boolean;
  readonly shows: string;
  readonly cause: string;
  readonly remedy: string;
}

const count = ({ moments }: BootTimeline, kind: BootMomentKind) => moments.filter((one) => one.kind === kind).length;
const doctor = 'Run rackwright doctor boot on the host of the boot server: it names the server and the option.';

/**
 * What stands still where, from the one that is known best to the one that is known least. Patience is that of EDK2: it
 * collects offers for 3.5 s, asks at 0, 4, 12 and 28 s, and port 4011 at 0, 1, 3 and 6 s.
 */
const rows: readonly StallRow[] = [
  {
    after: 'offered',
    patience: seconds(8),
    when: (timeline) => count(timeline, 'offered') > 1,
    shows: 'PXE-E16 No valid offer received, or PXE-E51 No DHCP or proxyDHCP offers received',
    cause: 'It asks again and takes no offer: nobody gives it an address, or another server has its attention',
    remedy: doctor,
  },
  {
    after: 'offered',
    patience: seconds(15),
    shows: 'PXE-E16 No valid offer received',
    cause:
      'It did not take our offer: the DHCP server of the network sends option 60, and is asked on port 4011 instead',
    remedy: doctor,
  },
  {
    after: 'addressed',
    patience: seconds(20),
    shows: 'PXE-E55 ProxyDHCP service did not reply to request on port 4011, or PXE-E21 Remote boot cancelled',
    cause:
      'It has an address and fetches nothing: a firewall keeps it from port 4011, 69 or HTTP of this host, or another boot server told it otherwise',
    remedy: doctor,
  },
  {
    after: 'proxy-answered',
    patience: seconds(20),
    shows: 'PXE-E55 ProxyDHCP service did not reply to request on port 4011, or PXE-E18 Server response timeout',
    cause: 'It was answered on port 4011 and fetches nothing: the answer does not reach it, or TFTP does not',
    remedy: 'Let UDP 4011 and 69 through to this host, also in the switches and firewalls between.',
  },
  {
    after: 'probed',
    patience: seconds(20),
    shows: 'PXE-E05 or Out of Resources',
    cause: 'It asked for the size and did not fetch the file: it has no room for it',
    remedy: 'Give the machine more memory, or have its firmware boot over HTTP.',
  },
  {
    after: 'started',
    patience: seconds(120),
    shows: 'NBP filesize, and then nothing',
    cause: 'The transfer stands still',
    remedy: 'Look at the link and the MTU between here and the machine: large frames are lost without a word.',
  },
  {
    after: 'broken-off',
    patience: seconds(20),
    shows: 'PXE-E32 TFTP open timeout, or PXE-E99 Unexpected network error',
    cause: 'It gave the transfer up',
    remedy: 'Look at the link, the MTU and the firewalls between here and the machine.',
  },
  {
    after: 'fetched',
    patience: seconds(300),
    shows: 'Access Denied, Security Violation, or a Talos console without an address',
    cause:
      'It has the file and Talos does not answer: Secure Boot refuses a file that it has no key for, or Talos got no address on this network',
    remedy:
      'Look at the console. Access Denied: enrol the key of the UKI or turn Secure Boot off. Else: see that the network card is in this network and that DHCP answers on it.',
  },
  {
    after: 'configured',
    patience: seconds(120),
    shows: 'a Talos console without an address, or with one of another network',
    cause: 'Talos runs with its maintenance config and does not answer: the config may lead it into another network',
    remedy: 'Look at the addresses on the console, and at boot.maintenanceConfig in the rack file.',
  },
];

const refused = {
  shows: 'Access Denied or Security Violation',
  cause: 'It fetched the boot file and asked again within a minute: its firmware did not start it',
  remedy: 'Enrol the key of the UKI or turn Secure Boot off, and see that the UKI is for this architecture.',
} as const;

/** `now` since 1970. `undefined` while a boot is under way, and when it has arrived or was never to begin. */
export function explainStall(timeline: BootTimeline, now: Millis): BootStall | undefined {
  const last = timeline.moments.at(-1);
  if (last === undefined || last.kind === 'talos') return undefined;
  const returned = timeline.moments.find(({ kind }) => kind === 'returned');
  if (returned !== undefined) return { since: returned.at, ...refused };
  const quiet = now - (parseTimestamp(last.at) ?? now);
  const row = rows.find(
    ({ after, patience, when }) => after === last.kind && quiet >= patience && (when?.(timeline) ?? true),
  );
  if (row === undefined) return undefined;
  const { shows, cause, remedy } = row;
  return { since: last.at, shows, cause, remedy };
}
