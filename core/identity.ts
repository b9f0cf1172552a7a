import type { MacAddress } from './mac-address.ts';
import type { Machine } from './machine.ts';
import { machinesWithUuid, type Rack } from './rack.ts';
import { isTellingUuid } from './smbios-uuid.ts';

/** The name under which people and files know a machine: its UUID, or the set of its MAC addresses and why not the UUID. */
export type Identity =
  | { readonly kind: 'uuid'; readonly uuid: string }
  | { readonly kind: 'macs'; readonly macs: readonly MacAddress[]; readonly because: string };

/** By its SMBIOS UUID, unless that is blank, one that boards are sold with, or told by another machine too. */
export function identityOf(machine: Machine, rack: Rack): Identity {
  const because = reasonAgainstUuid(machine, rack);
  if (because === undefined && machine.uuid !== undefined) return { kind: 'uuid', uuid: machine.uuid };
  return { kind: 'macs', macs: [...machine.macs].sort(), because: because ?? 'it tells no UUID' };
}

function reasonAgainstUuid(machine: Machine, rack: Rack): string | undefined {
  const { uuid } = machine;
  if (uuid === undefined) return 'it tells no UUID';
  if (!isTellingUuid(uuid)) return `its UUID ${uuid} is blank or one that many boards are sold with`;
  const others = machinesWithUuid(rack, uuid).filter(({ id }) => id !== machine.id);
  if (others.length === 0) return undefined;
  return `its UUID ${uuid} is that of ${others.map(({ macs }) => macs.join(' ')).join(', ')} too`;
}
