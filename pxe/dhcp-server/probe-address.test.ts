import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../test/fakes/virtual-clock.ts';
import { FakeNetwork } from '../fake-world.fixture.ts';
import { openProbe, parseArpTable } from './probe-address.ts';

const table = `IP address       HW type     Flags       HW address            Mask     Device
10.0.0.5         0x1         0x2         52:54:00:AA:00:05     *        eth1
10.0.0.6         0x1         0x0         00:00:00:00:00:00     *        eth1
10.0.0.7         0x1         0x6         52:54:00:aa:00:07     *        eth1
`;

describe('openProbe', () => {
  it('knocks at the address and tells whether anybody else answers for it', async () => {
    const network = new FakeNetwork();
    let reads = 0;
    const files = {
      readText: async (path: string) => {
        reads += 1;
        return path === '/proc/net/arp' ? table : undefined;
      },
    };
    const prober = await openProbe('10.0.0.1', { network, files, clock: new VirtualClock() });
    const client = '52:54:00:aa:00:07';
    const asked = ['10.0.0.5', '10.0.0.6', '10.0.0.7', '10.0.0.8'];
    expect(await Promise.all(asked.map((address) => prober.probe(address, client)))).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(network.sent.map(({ to }) => to)).toEqual(asked.map((address) => ({ address, port: 9 })));
    expect(reads).toBeLessThanOrEqual(asked.length);
    await prober.close();
    expect(network.openSockets).toEqual([]);
  });
});

describe('parseArpTable', () => {
  it('takes any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseArpTable(text)).toBeInstanceOf(Map);
      }),
    );
  });
});
