import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { macOfBytes } from '../../core/mac-address.ts';
import type { Disk, Link, Machine, TalosObservation } from '../../core/machine.ts';
import { emptyRack, type Fact, machineWithMac, observe, type Rack } from '../../core/rack.ts';
import { openInventory } from '../../installer/inventory/open-inventory.ts';
import { reportMachines } from '../../installer/inventory/report-machines.ts';
import { renderMachineTable } from '../../ui/machine-table.ts';
import { MemoryFiles } from '../fakes/memory-files.ts';

/**
 * Machines as a rack of servers shows them, each seen by its firmware, by DHCP and by three readings: folded, kept, loaded
 * again, reported and rendered. Medians over the rounds; the cost of one fact must hardly grow with the number of
 * machines. Prints a table; judges nothing.
 */
const rounds = 5;
const counts = [100, 1000];
const renderTime = (at: number) => new Date(at).toISOString();
const uuidOf = (machine: number) => `4c4c4544-0051-3010-8051-${machine.toString(16).padStart(12, '0')}`;
const macOf = (machine: number, card: number) =>
  macOfBytes(Uint8Array.of(0x3c, 0xec, (machine >> 16) & 255, (machine >> 8) & 255, machine & 255, card));

function observationOf(machine: number, bootMark: string): TalosObservation {
  const links = Array.from(
    { length: 4 },
    (_, card): Link => ({
      name: `eth${card}`,
      mac: macOf(machine, card),
      isUp: card < 2,
      isPhysical: true,
      speedMbit: 25_000,
      driver: 'mlx5_core',
    }),
  );
  const disks = Array.from(
    { length: 10 },
    (_, disk): Disk => ({
      name: `nvme${disk}n1`,
      path: `/dev/nvme${disk}n1`,
      sizeBytes: 3_840_000_000_000n,
      serial: `S${machine}-${disk}`,
      model: 'SAMSUNG MZQL23T8HCLS-00A07',
      transport: 'nvme',
      rotational: false,
      readOnly: false,
      signatures: disk === 0 ? ['gpt', 'xfs on nvme0n1p4 (EPHEMERAL)'] : [],
    }),
  );
  return {
    address: `10.${(machine >> 16) & 255}.${(machine >> 8) & 255}.${machine & 255}`,
    mode: 'maintenance',
    stage: 'maintenance',
    isReady: true,
    unmetConditions: [],
    version: 'v1.13.9',
    bootMark,
    uuid: uuidOf(machine),
    links,
    addresses: [],
    disks,
    hardware: { system: { vendor: 'Supermicro', product: 'AS-1115' }, firmwareMode: 'uefi', secureBoot: false },
  };
}

function* factsOf(count: number): Generator<Fact> {
  for (let machine = 0; machine < count; machine += 1) {
    const mac = macOf(machine, 0);
    yield { kind: 'boot', mac, uuid: uuidOf(machine), boot: { firmware: 'uefi-http', offered: 'talos.efi' } };
  }
  for (let machine = 0; machine < count; machine += 1) {
    yield { kind: 'address', mac: macOf(machine, 1), address: observationOf(machine, '').address };
  }
  for (const bootMark of ['1', '1', '2']) {
    for (let machine = 0; machine < count; machine += 1)
      yield { kind: 'talos', observation: observationOf(machine, bootMark) };
  }
}

interface Measured {
  readonly what: string;
  readonly milliseconds: number;
}

async function measure(count: number): Promise<{ readonly measured: readonly Measured[]; readonly heap: number }> {
  const facts = [...factsOf(count)];
  const measured: Measured[] = [];
  const time = async <T>(what: string, work: () => T | Promise<T>): Promise<T> => {
    const begun = performance.now();
    const result = await work();
    measured.push({ what, milliseconds: performance.now() - begun });
    return result;
  };
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  const rack = await time('fold all facts', () => facts.reduce(observe, emptyRack));
  collectGarbage();
  const heap = process.memoryUsage().heapUsed - before;
  if (rack.machines.size !== count) throw new Error(`${rack.machines.size} machines of ${count}`);
  const lookup = (from: Rack) => Array.from({ length: count }, (_, machine) => machineWithMac(from, macOf(machine, 3)));
  await time('find each by a MAC address', () => lookup(rack));
  const files = new MemoryFiles();
  await time('keep the inventory', async () => {
    const inventory = await openInventory('inventory', files);
    for (const machine of rack.machines.values() as Iterable<Machine>) inventory.note(machine);
    await inventory.flush();
  });
  await time('load the inventory', async () =>
    (await openInventory('inventory', files)).facts.reduce(observe, emptyRack),
  );
  const reports = await time('report', () => reportMachines(rack, { now: Date.now(), renderTime }));
  await time('render the wide table', () => renderMachineTable(reports, { isUtf8: true, isWide: true }));
  await time('render JSON', () => JSON.stringify(reports));
  return { measured, heap };
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const columns: { readonly name: string; readonly cells: ReadonlyMap<string, string> }[] = [];
for (const count of counts) {
  const runs: Awaited<ReturnType<typeof measure>>[] = [];
  for (let round = 0; round < rounds; round += 1) runs.push(await measure(count));
  const cells = new Map<string, string>();
  for (const [index, { what }] of (runs[0]?.measured ?? []).entries()) {
    const milliseconds = median(runs.map(({ measured }) => measured[index]?.milliseconds ?? Number.NaN));
    cells.set(`${what}, ms`, milliseconds.toFixed(1));
    if (index === 0) cells.set('one fact, microseconds', ((milliseconds * 1000) / (5 * count)).toFixed(1));
  }
  cells.set('heap of the rack, MB', (median(runs.map(({ heap }) => heap)) / 1e6).toFixed(1));
  columns.push({ name: `${count} machines`, cells });
}
console.log(
  ['', ...columns.map(({ name }) => name)].map((cell, at) => (at === 0 ? cell.padEnd(32) : cell.padStart(16))).join(''),
);
for (const what of columns[0]?.cells.keys() ?? []) {
  console.log(
    [what, ...columns.map(({ cells }) => cells.get(what) ?? '-')]
      .map((cell, at) => (at === 0 ? cell.padEnd(32) : cell.padStart(16)))
      .join(''),
  );
}
console.log(`Medians of ${rounds} rounds; a machine has 4 network cards and 10 disks, and 5 facts are told of it.`);
