import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../test/fakes/virtual-clock.ts';
import { addressesToScan, subnetScan } from './scan-subnets.ts';

const scanOf = (range: string, ...confirmed: string[]) => addressesToScan({ ranges: [range], confirmed });
const never = new AbortController().signal;

describe('addressesToScan', () => {
  it('is every host of the named subnet and nothing else, whichever address of it is named', () => {
    expect(scanOf('10.0.0.5/30')).toEqual(['10.0.0.5', '10.0.0.6']);
    expect(scanOf('192.168.1.7/32')).toEqual(['192.168.1.7']);
    expect(scanOf('172.16.255.0/24')).toHaveLength(254);
    expect(addressesToScan({ ranges: ['10.0.0.0/30', '10.0.0.0/29'], confirmed: [] })).toHaveLength(6);
  });

  it.each(['10.0.0.0', '10.0.0.0/33', 'fd00::/64', 'rack', ''])('refuses %j', (range) => {
    expect(() => scanOf(range)).toThrow(expect.objectContaining({ code: 'installer/scan-invalid', exitCode: 4 }));
  });

  it.each([
    ['8.8.8.0/24', /public/],
    ['172.32.0.0/24', /public/],
    ['9.255.255.0/24', /public/],
    ['192.168.0.0/15', /public|too many/],
    ['10.0.0.0/19', /8192 addresses/],
  ])('wants %s to be named twice', (range, message) => {
    expect(() => scanOf(range)).toThrow(message);
    expect(() => scanOf(range, '10.9.9.0/24')).toThrow(message);
  });

  it('goes through what was named twice, and never through more than a /16', () => {
    expect(scanOf('8.8.8.0/30', '8.8.8.0/30')).toEqual(['8.8.8.1', '8.8.8.2']);
    expect(scanOf('10.0.0.0/16', '10.0.0.0/16')).toHaveLength(65_534);
    expect(() => scanOf('10.0.0.0/15', '10.0.0.0/15')).toThrow(
      expect.objectContaining({ code: 'installer/scan-too-large' }),
    );
  });
});

describe('subnetScan', () => {
  const addresses = scanOf('10.0.0.0/23');

  it('knocks once at each address, and looks only where somebody answers', async () => {
    const knocks: string[] = [];
    const looks: string[] = [];
    const scan = subnetScan(addresses, {
      clock: new VirtualClock(),
      knock: (address) => {
        knocks.push(address);
        return address.endsWith('.7') ? Promise.resolve() : Promise.reject(new Error('nobody'));
      },
    });
    await scan(async (address) => {
      looks.push(address);
      throw new Error('it does not say who it is');
    }, never);
    expect(knocks).toEqual(addresses);
    expect(looks).toEqual(['10.0.0.7', '10.0.1.7']);
  });

  it('has no more than 64 knocks unanswered, and no two at once', async () => {
    const clock = new VirtualClock();
    const at: number[] = [];
    let open = 0;
    let most = 0;
    const scan = subnetScan(addresses, {
      clock,
      knock: async (_address, signal) => {
        at.push(clock.monotonic());
        most = Math.max(most, ++open);
        await clock.sleep(2000 as never, signal);
        open -= 1;
        throw new Error('nobody');
      },
    });
    await scan(async () => undefined, never);
    expect(most).toBe(64);
    expect(new Set(at).size).toBe(addresses.length);
  });

  it('stops when it is told to', async () => {
    const leaving = new AbortController();
    const knocks: string[] = [];
    const scan = subnetScan(addresses, {
      clock: new VirtualClock(),
      knock: async (address) => {
        knocks.push(address);
        if (knocks.length === 3) leaving.abort();
        throw new Error('nobody');
      },
    });
    await scan(async () => undefined, leaving.signal);
    expect(knocks.length).toBeLessThanOrEqual(3 + 64);
  });
});
