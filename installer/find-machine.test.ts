import { describe, expect, it } from 'vitest';
import { defineFault } from '../core/fault.ts';
import { inMaintenance } from '../core/in-maintenance.fixture.ts';
import { type MacAddress, parseMac } from '../core/mac-address.ts';
import { type Machine, machineIdOf, type TalosObservation } from '../core/machine.ts';
import type { MachineSpec, RackSpec } from '../core/rack-spec.ts';
import { machineFinder } from './find-machine.ts';

const mac = (last: number): MacAddress => parseMac(`52:54:00:00:00:0${last}`)!;
const entry: MachineSpec = {
  name: 'cp-1',
  role: 'controlplane',
  mac: mac(1),
  address: '10.0.0.11',
  disk: { serial: 'S' },
};
const unreachable = defineFault<{ at: string }>('test/find-machine-foreign', {
  kind: 'operator',
  title: ({ at }) => `${at} is of another cluster`,
  state: () => '',
  remedy: () => '',
});
const answer = (address: string, owner: MacAddress): TalosObservation => ({
  address,
  ...inMaintenance,
  links: [{ name: 'eth0', mac: owner, isUp: true, isPhysical: true }],
});

function find(answers: Record<string, TalosObservation>, last?: string, twin?: Machine) {
  const asked: string[] = [];
  const machine: Machine = {
    id: machineIdOf(mac(1)),
    macs: [mac(1)],
    ...(last === undefined ? {} : { address: last }),
  };
  const machines = [machine, ...(twin === undefined ? [] : [twin])];
  const finder = machineFinder({
    spec: { machines: [entry] } as unknown as RackSpec,
    rack: () => ({ machines: new Map(machines.map((one) => [one.id, one])) }),
    look: async (address) => {
      asked.push(address);
      const found = answers[address];
      if (found === undefined) throw unreachable({ at: address });
      return found;
    },
  });
  return { asked, found: finder(entry, new AbortController().signal) };
}

describe('machineFinder', () => {
  it('finds the machine at the address where it was seen last, or at that of its config', async () => {
    const early = find({ '10.0.0.200': answer('10.0.0.200', mac(1)) }, '10.0.0.200');
    expect(await early.found).toMatchObject({ address: '10.0.0.200' });
    expect(early.asked.toSorted()).toEqual(['10.0.0.11', '10.0.0.200']);
    expect(await find({ '10.0.0.11': answer('10.0.0.11', mac(1)) }, '10.0.0.200').found).toMatchObject({
      address: '10.0.0.11',
    });
  });

  it('does not believe an answer of another machine', async () => {
    await expect(find({ '10.0.0.11': answer('10.0.0.11', mac(9)) }).found).rejects.toMatchObject({
      code: 'installer/no-answer',
      kind: 'environment',
      message: '10.0.0.11 is answered by another machine, 52:54:00:00:00:09',
    });
  });

  it('says why each address did not do', async () => {
    await expect(find({}, '10.0.0.200').found).rejects.toThrow(
      '10.0.0.11 is of another cluster; 10.0.0.200 is of another cluster',
    );
  });

  it('does not take a bug of ours for a machine that does not answer', async () => {
    const finder = machineFinder({
      spec: { machines: [entry] } as unknown as RackSpec,
      rack: () => ({ machines: new Map() }),
      look: () => Promise.reject(new TypeError('x is undefined')),
    });
    await expect(finder(entry, new AbortController().signal)).rejects.toMatchObject({ code: 'core/unexpected' });
  });

  it('asks nobody when two machines answer to the entry', async () => {
    const { asked, found } = find({}, undefined, { id: machineIdOf(mac(2)), macs: [mac(1), mac(2)] });
    await expect(found).rejects.toMatchObject({ code: 'installer/machine-held' });
    expect(asked).toEqual([]);
  });
});
