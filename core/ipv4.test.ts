import { describe, expect, it } from 'vitest';
import { parseIpv4, parseIpv4Subnet, subnetContains } from './ipv4.ts';

describe('parseIpv4', () => {
  it('reads a dotted quad as an unsigned number', () => {
    expect(parseIpv4('255.255.255.255')).toBe(4294967295);
    expect(parseIpv4('10.0.0.1')).toBe(167772161);
  });

  it.each(['', '10.0.0', '10.0.0.256', '10.0.0.01', '10.0.0.1.2', 'a.b.c.d', '10.0.0.-1', ' 10.0.0.1'])(
    'refuses %j',
    (text) => {
      expect(parseIpv4(text)).toBeUndefined();
    },
  );
});

describe('subnetContains', () => {
  it.each([
    ['10.0.0.0/24', '10.0.0.255', true],
    ['10.0.0.0/24', '10.0.1.0', false],
    ['10.0.0.129/25', '10.0.0.128', true],
    ['10.0.0.129/25', '10.0.0.127', false],
    ['0.0.0.0/0', '255.1.2.3', true],
    ['192.168.1.7/32', '192.168.1.7', true],
    ['192.168.1.7/32', '192.168.1.6', false],
  ])('%s and %s: %s', (subnet, address, expected) => {
    expect(subnetContains(parseIpv4Subnet(subnet)!, parseIpv4(address)!)).toBe(expected);
  });

  it.each(['10.0.0.0', '10.0.0.0/33', '10.0.0.0/', '10.0.0/24', '10.0.0.0/24/1'])('refuses %j as a subnet', (text) => {
    expect(parseIpv4Subnet(text)).toBeUndefined();
  });
});
