import { defineFault } from '../core/fault.ts';
import type { Journal } from '../core/journal.ts';
import type { RackSpec } from '../core/rack-spec.ts';
import type { Memory } from '../core/step.ts';
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
export function settingsOf({ talos, kubernetes, network, cluster, machines }: RackSpec): Memory {
  const { interface: _, ...addresses } = network;
  // Rack files before schematics always had one.
  const installer = talos.schematic === undefined ? { installer: 'ghcr.io/siderolabs/installer' } : {};
  const shared = { talos: { ...installer, ...talos }, kubernetes, network: addresses, cluster };
  const lines = Object.entries(shared).flatMap(([section, values]) =>
    Object.entries(values).map(([key, value]) => [`${section}.${key}`, textOf(value)] as const),
  );
  const own = machines.flatMap(({ name, role, address, network, class: of, mac, isChosen }) => [
    [`machines.${name}.role`, role] as const,
    [`machines.${name}.address`, address] as const,
    ...(network === undefined ? [] : [[`machines.${name}.network`, textOf(network)] as const]),
    // A chosen machine is in no file: what says which one it was is remembered here.
    ...(isChosen === true ? [[`machines.${name}.chosen`, textOf({ class: of, mac })] as const] : []),
  ]);
  return Object.fromEntries([...lines.filter(([, value]) => value !== 'undefined'), ...own]);
}

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
    const name = /^machines\.(.+)\.(role|address|network|chosen)$/.exec(path)?.[1];
    return name === undefined ? anybody : begun(name);
  };
  const changes = [...new Set([...Object.keys(before), ...Object.keys(now)])]
    .filter((path) => matters(path) && before[path] !== now[path])
    .map((path) => `${path} was ${before[path] ?? 'not there'} and is ${now[path] ?? 'not there'}`);
  if (changes.length > 0) throw settingsChanged({ changes });
}
