import { describe, expect, it } from 'vitest';
import type { TalosObservation } from '../core/machine.ts';
import { talosUnreachable } from '../talos/talos-faults.ts';
import { readTalos } from './read-talos.ts';

const address = '10.0.0.1';
const never = new AbortController().signal;
const gone = () => Promise.reject(talosUnreachable({ at: address, call: 'List', reason: 'gone' }));

/** What each connection in turn answers for as long as it is used: its number is the boot mark. */
function machine(answers: readonly ('well' | 'once' | 'never' | 'refused')[]) {
  const told: string[] = [];
  let opened = 0;
  const read = readTalos({ keys: async () => undefined }, async () => {
    const number = opened++;
    const answer = answers[number] ?? 'refused';
    if (answer === 'refused') return gone();
    told.push(`opened ${number}`);
    let readings = 0;
    return {
      read: async (before) => {
        readings += 1;
        if (answer === 'never' || (answer === 'once' && readings > 1)) return gone();
        return { address, bootMark: String(number), version: before?.bootMark ?? 'none' } as TalosObservation;
      },
      close: () => told.push(`closed ${number}`),
    };
  });
  return { read, told };
}

describe('readTalos', () => {
  it('keeps its connection, tells each reading the one before, and takes a new connection now and then', async () => {
    const { read, told } = machine(['well', 'well']);
    const marks: string[] = [];
    for (let time = 0; time < 33; time += 1) marks.push((await read(address, never)).bootMark);
    expect([marks.filter((mark) => mark === '0').length, marks.filter((mark) => mark === '1').length]).toEqual([31, 2]);
    expect((await read(address, never)).version).toBe('1');
    expect(told).toEqual(['opened 0', 'closed 0', 'opened 1']);
    read.close();
    expect(told.at(-1)).toBe('closed 1');
  });

  it('looks anew at once when its connection fails, since the machine may be in another mode', async () => {
    const { read, told } = machine(['once', 'well']);
    await read(address, never);
    expect((await read(address, never)).bootMark).toBe('1');
    expect(told).toEqual(['opened 0', 'closed 0', 'opened 1']);
  });

  it('tells why a machine does not answer, and keeps nothing of it', async () => {
    const { read, told } = machine(['never', 'refused', 'well']);
    await expect(read(address, never)).rejects.toMatchObject({ code: 'talos/unreachable' });
    await expect(read(address, never)).rejects.toMatchObject({ code: 'talos/unreachable' });
    expect((await read(address, never)).bootMark).toBe('2');
    expect(told).toEqual(['opened 0', 'closed 0', 'opened 2']);
  });

  it('does not begin anew when it was told to stop', async () => {
    const { read, told } = machine(['once', 'well']);
    await read(address, never);
    await expect(read(address, AbortSignal.abort())).rejects.toMatchObject({ code: 'talos/unreachable' });
    expect(told).toEqual(['opened 0', 'closed 0']);
  });
});
