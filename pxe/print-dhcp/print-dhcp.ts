import type { BootOffers, BootThrough } from '../decide-boot.ts';
import { type BootClass, bootClasses } from './boot-class.ts';
import { printDnsmasq } from './print-dnsmasq.ts';
import { printIsc } from './print-isc.ts';
import { printKea } from './print-kea.ts';
import { printRouteros } from './print-routeros.ts';
import { printWindows } from './print-windows.ts';

const printers = {
  isc: printIsc,
  kea: printKea,
  dnsmasq: printDnsmasq,
  windows: printWindows,
  routeros: printRouteros,
} satisfies Record<string, (classes: readonly BootClass[]) => string>;

/** A DHCP server that we can write options for. */
export type DhcpServerKind = keyof typeof printers;
export const dhcpServerKinds = Object.keys(printers) as readonly DhcpServerKind[];

/** The options that make another DHCP server hand out our boot files, in its own language. */
export function printDhcp(
  kind: DhcpServerKind,
  offers: BootOffers,
  serverAddress: string,
  through?: BootThrough,
): string {
  return printers[kind](bootClasses(offers, serverAddress, through));
}
