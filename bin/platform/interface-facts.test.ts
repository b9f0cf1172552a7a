import { describe, expect, it } from 'vitest';
import { parseDefaultRoutes } from './interface-facts.ts';

describe('parseDefaultRoutes', () => {
  it('finds the interfaces with a default route that is up', () => {
    const text = [
      'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
      'eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0',
      'eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
      'eth1\t00000A0A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
      'tun0\t00000000\t00000000\t0001\t0\t0\t0\t00000080\t0\t0\t0',
      'eth2\t00000000\t010300C0\t0000\t0\t0\t100\t00000000\t0\t0\t0',
      '',
    ].join('\n');
    expect([...parseDefaultRoutes(text)]).toEqual(['eth0']);
  });

  it('finds none in no table', () => {
    expect([...parseDefaultRoutes('')]).toEqual([]);
  });
});
