import { createHash } from 'node:crypto';
import { defineFault } from '../core/fault.ts';
import type { Journal } from '../core/journal.ts';
import type { MachineSpec, RackSpec } from '../core/rack-spec.ts';
import type { Memory } from '../core/step.ts';
import { patchLayersOf } from '../talos/index.ts';
import { installStepId } from './steps/install-machine.ts';

const settingsChanged = defineFault<{ changes: readonly string[] }>('installer/settings-changed', {
  kind: 'operator',
  exitCode: 3,
  title: ({ changes }) => `The rack file says something else than when the install began: ${changes.join('; ')}`,
  state: () => 'Nothing was started. Machines that are installed have the old settings; others would get the new ones.',
  remedy: () =>
    'Put the old values back and run the same command again. Changing a running cluster is not part of this command.',
});

/** What all machines of a cluster must agree on, and what each machine that is installed was told, by path. */
export function settingsOf(spec: RackSpec): Memory {
  const { talos, kubernetes, network, cluster, registries, machines } = spec;
  const { interface: _, ...addresses } = network;
  // Rack files before schematics always had one.
  const installer = talos.schematic === undefined ? { installer: 'ghcr.io/siderolabs/installer' } : {};
  const shared = {
    talos: { ...installer, ...talos, schematic: schematicOf(talos) },
    kubernetes,
    network: addresses,
    cluster,
  };
  const lines = Object.entries(shared).flatMap(([section, values]) =>
    Object.entries(values).map(([key, value]) => [`${section}.${key}`, textOf(value)] as const),
  );
  const own = machines.flatMap((machine) => {
    const { name, role, address, network, class: of, mac, isChosen } = machine;
    return [
      [`machines.${name}.role`, role] as const,
      [`machines.${name}.address`, address] as const,
      ...patchesOf(spec, machine),
      ...(network === undefined ? [] : [[`machines.${name}.network`, textOf(network)] as const]),
      // A chosen machine is in no file: what says which one it was is remembered here.
      ...(isChosen === true ? [[`machines.${name}.chosen`, textOf({ class: of, mac })] as const] : []),
    ];
  });
  const mirrors = registries === undefined ? [] : [['registries', textOf(registries)] as const];
  return Object.fromEntries([...lines.filter(([, value]) => value !== 'undefined'), ...mirrors, ...own]);
}

/** A patch may hold a secret: of each layer only the digest is remembered. */
function patchesOf(spec: RackSpec, machine: MachineSpec): (readonly [string, string])[] {
  return Object.entries(patchLayersOf(spec, machine)).map(([layer, patches]) => {
    const digest = digestOf(patches.map(({ text }) => text));
    const value = patches.length === 0 ? 'none' : `${patches.length} with digest ${digest}`;
    return [`machines.${machine.name}.patches.${layer}`, value];
  });
}

/** Keys of a schematic whose values an operator writes as they please: of those, too, only the digest is remembered. */
const freeKeys: ReadonlySet<string> = new Set(['extraKernelArgs', 'meta', 'options']);

function schematicOf({ schematic }: RackSpec['talos']): string | undefined {
  if (schematic === undefined || typeof schematic === 'string') return schematic;
  return JSON.stringify(schematic, (key, value: unknown) =>
    freeKeys.has(key) && value !== undefined ? `digest ${digestOf(value)}` : value,
  );
}

const digestOf = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);

/** Lists of texts are written as ever; what did not exist before is JSON. */
function textOf(value: unknown): string {
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value.join();
  if (value === undefined) return 'undefined';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/**
 * Refuses a rack file that contradicts what an install under way, or finished, was begun with: half of the machines would
 * get the one, half the other. Machines that were not begun may change. Fault `installer/settings-changed`.
 */
export function checkSettings(spec: RackSpec, journal: Journal): void {
  const before = journal.entries
    .map(({ record }) => record)
    .findLast((record) => record.type === 'plan.approved')?.settings;
  if (before === undefined) return;
  const begun = (name: string) => {
    const { uncertain, confirmed } = journal.pastOf(installStepId(name));
    return uncertain || confirmed;
  };
  const names = new Set(Object.keys(before).flatMap((path) => /^machines\.(.+)\.role$/.exec(path)?.[1] ?? []));
  const anybody = [...names].some(begun);
  const now = settingsOf(spec);
  const matters = (path: string) => {
    const [, name, what = ''] = /^machines\.([^.]+)\.([^.]+)/.exec(path) ?? [];
    // A journal of before patches were remembered says nothing of them.
    if (what === 'patches' && !(path in before)) return false;
    return name === undefined ? anybody : begun(name);
  };
  const changes = [...new Set([...Object.keys(before), ...Object.keys(now)])]
    .filter((path) => matters(path) && before[path] !== now[path])
    .map((path) => `${path} was ${before[path] ?? 'not there'} and is ${now[path] ?? 'not there'}`);
  if (changes.length > 0) throw settingsChanged({ changes });
}
