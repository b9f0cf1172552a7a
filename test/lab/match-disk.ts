import { evaluate } from '@marcbachmann/cel-js';
import type { DiskScenario } from './scenario.ts';

/** Which disk a machine config asks for: `diskSelector` when it has one, else `disk`. */
export type DiskWish =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'selector'; readonly terms: Readonly<Record<string, string>> }
  /** CEL over `disk`, as 1.14 has it. */
  | { readonly kind: 'expression'; readonly expression: string };

const globFields = ['model', 'serial', 'modalias', 'uuid', 'wwid', 'busPath'] as const;
const types = ['nvme', 'sd', 'hdd', 'ssd'];

/** Metal mode needs one of the two; a selector with a key that Talos cannot use is refused. */
export function parseDiskWish(install: {
  readonly disk?: string | undefined;
  readonly diskSelector?: Readonly<Record<string, string>> | undefined;
}): DiskWish | { readonly problem: string } {
  const { disk, diskSelector } = install;
  if (diskSelector === undefined) {
    if (disk === undefined || disk === '') return { problem: 'an install disk is required' };
    return { kind: 'path', path: disk };
  }
  for (const [field, value] of Object.entries(diskSelector)) {
    if (![...globFields, 'size', 'type'].includes(field))
      return { problem: `disk selector: ${field} is not supported` };
    if (field === 'size' && parseSize(value) === undefined) return { problem: `disk selector: bad size ${value}` };
    if (field === 'type' && !types.includes(value)) return { problem: `disk selector: unknown type ${value}` };
  }
  return { kind: 'selector', terms: diskSelector };
}

/** The first disk that fits, as Talos takes it; disks without a transport (loop, device mapper) never fit a selector. */
export function matchDisk<Disk extends { readonly hardware: DiskScenario }>(
  wish: DiskWish,
  disks: readonly Disk[],
): Disk | undefined {
  if (wish.kind === 'path') return disks.find(({ hardware }) => hardware.path === wish.path);
  if (wish.kind === 'expression') {
    return disks.find(
      ({ hardware }) => evaluate(wish.expression, { disk: celDisk(hardware), system_disk: false }) === true,
    );
  }
  return disks.find(
    ({ hardware }) =>
      hardware.transport !== '' && Object.entries(wish.terms).every(([field, term]) => fits(hardware, field, term)),
  );
}

const celDisk = (disk: DiskScenario) => ({
  ...{ dev_path: disk.path, model: disk.model, serial: disk.serial ?? '', wwid: disk.wwid ?? '' },
  ...{ transport: disk.transport, rotational: disk.rotational, size: disk.sizeBytes, readonly: false, cdrom: false },
});

function fits(disk: DiskScenario, field: string, term: string): boolean {
  switch (field) {
    case 'model':
    case 'serial':
    case 'wwid':
      return glob(term).test(disk[field] ?? '');
    case 'size': {
      const size = parseSize(term);
      return size?.(disk.sizeBytes) ?? false;
    }
    case 'type':
      if (term === 'nvme') return disk.transport === 'nvme';
      if (term === 'sd') return disk.transport === 'mmc';
      return disk.rotational === (term === 'hdd');
    default:
      return false;
  }
}

function glob(pattern: string): RegExp {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`);
}

const units: Readonly<Record<string, number>> = {
  '': 1,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** `>= 100GB` as a predicate. */
function parseSize(text: string): ((sizeBytes: bigint) => boolean) | undefined {
  const [, operator = '==', number, unit = ''] = /^\s*(<=|>=|<|>|==)?\s*(\d+)\s*([A-Za-z]*)\s*$/.exec(text) ?? [];
  const factor = units[unit];
  if (number === undefined || factor === undefined) return undefined;
  const bound = BigInt(number) * BigInt(factor);
  switch (operator) {
    case '<=':
      return (size) => size <= bound;
    case '>=':
      return (size) => size >= bound;
    case '<':
      return (size) => size < bound;
    case '>':
      return (size) => size > bound;
    default:
      return (size) => size === bound;
  }
}
