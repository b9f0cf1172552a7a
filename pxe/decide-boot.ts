import { type BootFile, bootFileFor, type Ukis } from './boot-file.ts';
import { clientArchitecture } from './client-architecture.ts';
import type { BootClient } from './identify-client.ts';

/** What the rest of the world wants of a machine that powers on; `machine` is its name in the rack file. */
export type BootIntent =
  | { readonly kind: 'boot'; readonly machine: string }
  | { readonly kind: 'local-disk'; readonly machine: string }
  | { readonly kind: 'hold'; readonly machine?: string; readonly reason: string };

/** What we can give away. */
export interface BootOffers {
  readonly ukis: Ukis;
  /** Without a slash at its end: `http://10.0.0.2:8080`. The host is a literal address: firmware may have no DNS. */
  readonly httpOrigin: string;
}

export type BootDecision =
  | { readonly kind: 'uki-http'; readonly machine: string; readonly file: BootFile; readonly url: string }
  | { readonly kind: 'uki-tftp'; readonly machine: string; readonly file: BootFile }
  /** Silence: the firmware goes on to its next boot option, the disk. */
  | { readonly kind: 'local-disk'; readonly machine: string }
  /** Silence too, for a machine that somebody has to look at. */
  | { readonly kind: 'hold'; readonly machine?: string; readonly reason: string };

/** What a machine is to boot. Pure: DHCP, TFTP and HTTP ask it afresh for each packet and get the same answer. */
export function decideBoot(client: BootClient, intent: BootIntent, offers: BootOffers): BootDecision {
  if (intent.kind !== 'boot') return intent;
  const { machine } = intent;
  const file = bootFileFor(client);
  if (file === undefined) return { kind: 'hold', machine, reason: whyNoFile(client) };
  if (offers.ukis[file.source] === undefined) {
    return { kind: 'hold', machine, reason: `the rack file names no boot.uki.${file.source}` };
  }
  return file.transport === 'http'
    ? { kind: 'uki-http', machine, file, url: `${offers.httpOrigin}/${file.name}` }
    : { kind: 'uki-tftp', machine, file };
}

/** iPXE replaces a UKI's embedded command line by its own load options, so it never gets one. */
function whyNoFile(client: BootClient): string {
  if (client.firmware === 'ipxe') {
    return 'iPXE asks instead of the UEFI firmware, and would drop the command line of the UKI: boot the firmware’s own PXE or HTTP';
  }
  const names = client.architectures.map((type) => clientArchitecture(type).name).join(', ');
  if (client.firmware === 'bios-pxe' || client.firmware === 'bios-http') {
    return `there is no boot file for ${names}: set the machine to UEFI boot`;
  }
  return `there is no boot file for ${names}`;
}

/** What the machine was given, as a person would look for it: a URL or a file name. */
export function offeredBy(decision: BootDecision): string | undefined {
  if (decision.kind === 'uki-http') return decision.url;
  return decision.kind === 'uki-tftp' ? `tftp:${decision.file.name}` : undefined;
}
