import { describe, expect, it } from 'vitest';
import { isHostOf, parseIpv4, parseIpv4Subnet, renderIpv4, subnetContains, subnetsOverlap } from './ipv4.ts';

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

describe('renderIpv4', () => {
  it.each(['0.0.0.0', '10.0.0.1', '127.255.0.128', '192.168.1.254', '255.255.255.255'])(
    'gives back %s, from which its number was read',
    (text) => {
      expect(renderIpv4(parseIpv4(text)!)).toBe(text);
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

describe('subnetsOverlap', () => {
  it.each([
    ['10.96.0.0/12', '10.96.0.0/16', true],
    ['10.96.0.0/16', '10.96.0.0/12', true],
    ['10.244.0.0/16', '10.96.0.0/16', false],
    ['10.0.0.0/24', '10.0.1.0/24', false],
  ])('%s and %s: %s', (a, b, expected) => {
    expect(subnetsOverlap(parseIpv4Subnet(a)!, parseIpv4Subnet(b)!)).toBe(expected);
  });
});

describe('isHostOf', () => {
  it.each([
    ['10.0.0.0/24', '10.0.0.0', false],
    ['10.0.0.0/24', '10.0.0.255', false],
    ['10.0.0.0/24', '10.0.0.1', true],
    ['10.0.0.0/24', '10.0.1.1', false],
    ['10.0.0.4/31', '10.0.0.4', true],
  ])('%s and %s: %s', (subnet, address, expected) => {
    expect(isHostOf(parseIpv4Subnet(subnet)!, parseIpv4(address)!)).toBe(expected);
  });
});
