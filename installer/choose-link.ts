import { defineFault } from '../core/fault.ts';
import type { TalosObservation } from '../core/machine.ts';
import type { MachineSpec } from '../core/rack-spec.ts';

const noLink = defineFault<{ name: string; address: string }>('installer/no-link', {
  kind: 'operator',
  title: ({ name, address }) =>
    `Nobody can tell which network link of ${name} is to have its address: none carries ${address}`,
  state: ({ name }) => `Nothing was written on ${name}.`,
  remedy: ({ name }) => `Give ${name} the mac of that link in the rack file.`,
});

/** Kernel name of the link that gets the machine's address: the one named by MAC, else the one it answers on now. */
export function chooseLink(entry: MachineSpec, { links, addresses, address }: TalosObservation): string {
  const named = links.find((link) => link.isPhysical && link.mac === entry.mac);
  if (named !== undefined) return named.name;
  const carrier = addresses.find(({ cidr }) => cidr.split('/')[0] === address);
  const physical = links.find((link) => link.isPhysical && link.name === carrier?.link);
  if (physical === undefined) throw noLink({ name: entry.name, address });
  return physical.name;
}
