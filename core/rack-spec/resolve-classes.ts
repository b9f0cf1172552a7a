import type { MachineSpec, RackFileSpec, RackSpec } from '../rack-spec.ts';
import type { DiskWish } from './disk-selector.ts';
import type { ClassSpec, MachineEntry, Role } from './machine-entry.ts';

/** The rack file with what each class says put into its machines. For one that passed its checks. */
export const resolveClasses = (file: RackFileSpec): RackSpec => ({
  ...file,
  machines: file.machines.map((entry) => resolveMachineClass(entry, classOf(file, entry))),
});

/** The class that an entry names; `undefined` when it names none, or one that is not there. */
export const classOf = (
  { classes = {} }: Pick<RackFileSpec, 'classes'>,
  { class: name }: Pick<MachineEntry, 'class'>,
): ClassSpec | undefined => (name === undefined || !Object.hasOwn(classes, name) ? undefined : classes[name]);

/** An entry with what its class says where it says nothing itself. `network`, `failureDomain` and `boot` are joined key by key. */
export function resolveMachineClass(entry: MachineEntry, of: ClassSpec | undefined): MachineSpec {
  const { role, disk, storage, network, failureDomain, boot, ...own } = entry;
  const resolvedStorage = storage ?? of?.storage;
  return {
    ...own,
    ...settled(role ?? of?.role, disk ?? of?.disk, resolvedStorage),
    ...joined('network', of?.network, network),
    ...joined('failureDomain', of?.failureDomain, failureDomain),
    ...joined('boot', of?.boot, boot),
  };
}

/** The checks have seen that role and disk are there. */
function settled(role: Role | undefined, disk: DiskWish | undefined, storage: readonly DiskWish[] | undefined) {
  if (role === undefined || disk === undefined) throw new Error('a machine without role or disk passed the checks');
  return {
    role,
    disk: storage === undefined || storage.length === 0 ? disk : { ...disk, except: storage },
    ...(storage === undefined ? {} : { storage }),
  };
}

const joined = <Key extends string, Value extends object>(
  key: Key,
  ofClass: Value | undefined,
  own: Value | undefined,
): Partial<Record<Key, Value>> =>
  ofClass === undefined && own === undefined ? {} : ({ [key]: { ...ofClass, ...own } } as Record<Key, Value>);
