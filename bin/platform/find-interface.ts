import type { NetworkInterface } from '../../core/ports.ts';
import { interfaceMissing } from './platform-faults.ts';

/** The first IPv4 address of the interface that the operator named. Fault `platform/interface-missing` lists what there is. */
export function findInterface(
  interfaces: readonly NetworkInterface[],
  name: string,
): { readonly address: string; readonly prefixLength: number } {
  const [first] = interfaces.find((one) => one.name === name)?.ipv4 ?? [];
  if (first !== undefined) return first;
  const present = interfaces.flatMap(({ name: other, ipv4 }) => ipv4.map(({ address }) => `${other} (${address})`));
  throw interfaceMissing({ name, present });
}
