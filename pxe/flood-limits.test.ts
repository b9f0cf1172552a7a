import { describe, expect, it } from 'vitest';
import type { Event } from '../core/event.ts';
import { seconds } from '../core/millis.ts';
import { FakeClock } from './fake-world.fixture.ts';
import { createFloodGate, defaultFloodLimits, tellFewDrops } from './flood-limits.ts';

const from = { address: '10.0.0.9', port: 68 };
const limits = {
  ...defaultFloodLimits,
  dhcpOfOneMachine: { burst: 2, perSecond: 1 },
  dhcpOfPort: { burst: 5, perSecond: 1 },
  tftpOfOneAddress: { burst: 2, perSecond: 1 },
  dropsTold: { burst: 2, perSecond: 1 },
};

function setUp() {
  const clock = new FakeClock();
  const events: Event[] = [];
  const gate = createFloodGate(limits, clock, (event) => events.push(event));
  const dhcp = (machine: number) => gate.dhcp(new Uint8Array(300).fill(machine, 28, 34), from);
  return { clock, events, gate, dhcp };
}

describe('the flood gate', () => {
  it('holds one machine back and hears the others', async () => {
    const { dhcp, events, clock } = setUp();
    expect([dhcp(1), dhcp(1), dhcp(1), dhcp(2)]).toEqual([true, true, false, true]);
    expect(events).toEqual([
      { type: 'packet.dropped', from: '10.0.0.9', reason: 'a flood of DHCP messages from 01:01:01:01:01:01' },
    ]);
    await clock.advance(seconds(1));
    expect(dhcp(1)).toBe(true);
  });

  it('holds the port back when every packet claims to be of another machine', () => {
    const { dhcp, events } = setUp();
    expect([1, 2, 3, 4, 5, 6].map(dhcp)).toEqual([true, true, true, true, true, false]);
    expect(events).toMatchObject([{ reason: 'a flood of DHCP messages on this port' }]);
  });

  it('holds an address back that asks for too many files', () => {
    const { gate } = setUp();
    expect([gate.tftp(from), gate.tftp(from), gate.tftp(from), gate.tftp({ ...from, address: '10.0.0.10' })]).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });

  it('hears datagrams that are too short to tell their machine', () => {
    expect(setUp().gate.dhcp(Uint8Array.of(1), from)).toBe(true);
  });

  it('lets a whole rack power on at once, as it is set', () => {
    const gate = createFloodGate(defaultFloodLimits, new FakeClock(), () => undefined);
    const discovers = Array.from({ length: 4000 }, (_, machine) => {
      const datagram = new Uint8Array(300);
      new DataView(datagram.buffer).setUint32(30, machine);
      return gate.dhcp(datagram, from);
    });
    expect(discovers.every(Boolean)).toBe(true);
  });
});

describe('tellFewDrops', () => {
  it('tells of some drops, counts the rest, and lets every other event through', async () => {
    const clock = new FakeClock();
    const events: Event[] = [];
    const emit = tellFewDrops((event) => events.push(event), limits.dropsTold, clock);
    const drop: Event = { type: 'packet.dropped', from: '10.0.0.9', reason: 'a flood' };
    for (let count = 0; count < 10; count += 1) emit(drop);
    emit({ type: 'file.written', path: 'x', what: 'y' });
    await clock.advance(seconds(1));
    emit(drop);
    emit(drop);
    expect(events).toEqual([drop, drop, { type: 'file.written', path: 'x', what: 'y' }, { ...drop, untold: 8 }]);
  });
});
