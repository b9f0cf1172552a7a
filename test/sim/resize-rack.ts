import { parse, stringify } from 'yaml';
import { parseMac } from '../../core/mac-address.ts';
import type { RackScenario } from '../lab/scenario.ts';

/** How many of each a rack has, and which Talos it boots and installs. */
export interface RackSize {
  readonly controlPlanes: number;
  readonly workers: number;
  readonly talosVersion?: string;
  readonly kubernetesVersion?: string;
}

interface RackFileText {
  talos: { version: string };
  kubernetes: { version: string };
  machines: { name: string; role: string }[];
}

/** The demo's rack with more or fewer machines: what is added is like cp-1, what is taken away is switched off for good. */
export function resizeScenario(
  scenario: RackScenario,
  { controlPlanes, workers, talosVersion }: RackSize,
): RackScenario {
  const like = scenario.machines.find(({ name }) => name === 'cp-1');
  if (like === undefined) throw new RangeError('the demo has no cp-1');
  const added = Array.from({ length: Math.max(0, controlPlanes - 3) }, (_, index) => {
    const change = forMachine(index + 4);
    const mac = parseMac(change(like.mac));
    if (mac === undefined) throw new RangeError(`${like.mac} is not changed into a MAC address`);
    return {
      ...like,
      name: `cp-${index + 4}`,
      mac,
      uuid: change(like.uuid),
      leasedAddress: change(like.leasedAddress),
      disks: like.disks.map((disk) => ({
        ...disk,
        ...(disk.serial === undefined ? {} : { serial: change(disk.serial) }),
        ...(disk.wwid === undefined ? {} : { wwid: change(disk.wwid) }),
      })),
    };
  });
  const machines = [...scenario.machines.filter(({ name }) => isIn(name, { controlPlanes, workers })), ...added];
  return {
    ...scenario,
    machines: machines.map((machine) => (talosVersion === undefined ? machine : { ...machine, talosVersion })),
  };
}

/** The rack file of such a rack. */
export function resizeRackFile(text: string, size: RackSize): string {
  const file = parse(text) as RackFileText;
  const like = file.machines.find(({ name }) => name === 'cp-1');
  const added = Array.from(
    { length: Math.max(0, size.controlPlanes - 3) },
    (_, index) => JSON.parse(forMachine(index + 4)(JSON.stringify(like))) as RackFileText['machines'][number],
  );
  file.machines = [...file.machines.filter(({ name }) => isIn(name, size)), ...added];
  if (size.talosVersion !== undefined) file.talos.version = size.talosVersion;
  if (size.kubernetesVersion !== undefined) file.kubernetes.version = size.kubernetesVersion;
  return stringify(file);
}

/** The demo numbers its control planes 11, 12 …, at the end of whatever names them. */
const forMachine = (index: number) => (text: string) =>
  text
    .replaceAll('cp-1', `cp-${index}`)
    .replaceAll('S64HNE0T500111', `S64HNE0T50011${index}`)
    .replaceAll(/36344830545001110025385300000001/g, `3634483054500111002538530000000${index}`)
    .replaceAll('3c:ec:ef:77:01:11', `3c:ec:ef:77:01:1${index}`)
    .replaceAll('8011-c4c4c4c4c401', `801${index}-c4c4c4c4c40${index}`)
    .replaceAll(/(127\.\d+\.[01])\.11\b/g, `$1.1${index}`);

function isIn(name: string, { controlPlanes, workers }: Pick<RackSize, 'controlPlanes' | 'workers'>): boolean {
  const [, kind, number] = /^(cp|node)-(\d+)$/.exec(name) ?? [];
  if (kind === undefined) return true;
  return Number(number) <= (kind === 'cp' ? controlPlanes : workers);
}
