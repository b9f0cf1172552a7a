import type { MachineReport } from '../core/machine-report.ts';
import type { Look } from './look.ts';
import { renderBytes } from './render-bytes.ts';
import { renderTable } from './render-table.ts';

interface Column {
  readonly head: string;
  readonly isWide?: true;
  readonly cell: (machine: MachineReport) => string;
}

/** What nobody knows is shown as that, never as a value. */
const unknown = '?';
const or = (value: string | number | undefined): string =>
  value === undefined || value === '' ? unknown : String(value);

const columns: readonly Column[] = [
  { head: 'NAME', cell: ({ name }) => name ?? '-' },
  { head: 'STATE', cell: ({ state, stage, held }) => (held === undefined ? stateOf(state, stage) : `held (${state})`) },
  { head: 'ADDRESS', cell: ({ address }) => or(address) },
  { head: 'MAC', cell: ({ macs }) => (macs.length > 1 ? `${macs[0] ?? ''} +${macs.length - 1}` : or(macs[0])) },
  { head: 'PRODUCT', cell: ({ system }) => or(system?.product ?? system?.vendor) },
  { head: 'CPU', cell: ({ processors }) => (processors === undefined ? unknown : coresOf(processors)) },
  { head: 'MEMORY', cell: ({ memory }) => (memory === undefined ? unknown : renderMebibytes(memory.totalMiB)) },
  { head: 'DISKS', cell: disksOf },
  { head: 'AGE', cell: ({ ageSeconds }) => (ageSeconds === undefined ? unknown : renderAge(ageSeconds)) },
  { head: 'UUID', isWide: true, cell: ({ uuid }) => or(uuid) },
  { head: 'SERIAL', isWide: true, cell: ({ system }) => or(system?.serial) },
  { head: 'TALOS', isWide: true, cell: ({ talos }) => or(talos?.version) },
  { head: 'FIRMWARE', isWide: true, cell: ({ firmwareMode, boot }) => or(firmwareMode ?? boot?.firmware) },
  {
    head: 'SECURE-BOOT',
    isWide: true,
    cell: ({ secureBoot }) => (secureBoot === undefined ? unknown : secureBoot ? 'on' : 'off'),
  },
  { head: 'ALL-MACS', isWide: true, cell: ({ macs }) => macs.join(',') },
  {
    head: 'LEFTOVERS',
    isWide: true,
    cell: ({ leftovers }) => (leftovers === undefined ? unknown : labelsOf(leftovers)),
  },
  { head: 'HELD-BECAUSE', isWide: true, cell: ({ held }) => held ?? '-' },
];

/** Machines as a table, one a line; `isWide` adds what does not fit a small terminal. */
export function renderMachineTable(
  machines: readonly MachineReport[],
  { isWide, ...look }: Pick<Look, 'isUtf8'> & { readonly isWide: boolean },
): string[] {
  const shown = columns.filter((column) => isWide || !column.isWide);
  return renderTable(
    shown.map(({ head }) => head),
    machines.map((machine) => shown.map(({ cell }) => cell(machine))),
    look,
  );
}

const stateOf = (state: string, stage: string | undefined) =>
  stage === undefined || stage === state ? state : `${state} (${stage})`;

function coresOf(processors: NonNullable<MachineReport['processors']>): string {
  if (processors.some(({ cores }) => cores === undefined)) return unknown;
  return `${processors.reduce((sum, { cores = 0 }) => sum + cores, 0)} cores`;
}

function disksOf({ disks }: MachineReport): string {
  if (disks === undefined) return unknown;
  const total = disks.reduce((sum, { sizeBytes }) => sum + Number(sizeBytes), 0);
  return disks.length === 0 ? 'none' : `${disks.length} (${renderBytes(total)})`;
}

function labelsOf(leftovers: NonNullable<MachineReport['leftovers']>): string {
  return leftovers.length === 0 ? '-' : leftovers.map(({ partition, label }) => `${label}:${partition}`).join(',');
}

/** Memory as it is sold, in powers of 1024: `64 GiB`. */
export const renderMebibytes = (count: number): string =>
  count < 1024 ? `${count} MiB` : `${Number((count / 1024).toPrecision(4))} GiB`;

/** How long ago, in the largest unit that fits: `12s`, `5m`, `3h`, `9d`. */
export function renderAge(seconds: number): string {
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}
