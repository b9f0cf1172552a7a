import type { NetworkInterface } from '../core/ports.ts';
import { interfaceRefused } from './pxe-faults.ts';

/**
 * An interface with the default route leads to somebody's office or to the internet, a wireless one to whoever is near: an
 * answer there may boot a machine that nobody meant. Fault `pxe/interface-refused` unless its name is among `allowed`.
 */
export function checkInterface(one: NetworkInterface, allowed: readonly string[]): void {
  if (allowed.includes(one.name)) return;
  if (one.isWireless === true) throw interfaceRefused({ name: one.name, why: 'wireless' });
  if (one.hasDefaultRoute === true) throw interfaceRefused({ name: one.name, why: 'default-route' });
}
