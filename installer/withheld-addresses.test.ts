import { describe, expect, it } from 'vitest';
import type { RackSpec } from '../core/rack-spec.ts';
import { withheldAddresses } from './withheld-addresses.ts';

const withheld = (dhcp: 'full' | 'firmware') =>
  withheldAddresses({
    boot: { dhcp },
    network: { vip: '10.0.0.10' },
    machines: [{ address: '10.0.0.11', bmc: { address: '10.0.0.111' } }, { address: '10.0.0.12' }],
  } as unknown as RackSpec);

describe('withheldAddresses', () => {
  it('gives out neither the VIP nor a management controller, and reserves what machines have', () => {
    expect(withheld('full')).toEqual(['10.0.0.10', '10.0.0.111']);
  });

  it('gives out none of a machine where nothing is reserved', () => {
    expect(withheld('firmware')).toEqual(['10.0.0.10', '10.0.0.11', '10.0.0.111', '10.0.0.12']);
  });
});
