import { describe, expect, it } from 'vitest';
import { encodeSpec } from './encode-spec.ts';

const hex = (type: string, yaml: string) => Buffer.from(encodeSpec(type, yaml)).toString('hex');

describe('encodeSpec', () => {
  it('writes text, numbers of 64 bits, truth and lists under the numbers of their fields', () => {
    expect(hex('Disks.block.talos.dev', 'dev_path: /dev/sda\nsize: 18446744073709551615\ncdrom: true\n')).toBe(
      `7208${Buffer.from('/dev/sda').toString('hex')}08ffffffffffffffffff016801`,
    );
    expect(hex('Disks.block.talos.dev', 'secondary_disks: [dm-0, dm-1]\n')).toBe('820104646d2d30820104646d2d31');
  });

  it('writes words as numbers, and addresses as bytes', () => {
    expect(
      hex('MachineStatuses.runtime.talos.dev', 'stage: shutting down\nstatus: {ready: true, unmetConditions: []}\n'),
    ).toBe('080612020801');
    expect(hex('AddressStatuses.net.talos.dev', 'address: 10.0.0.1/24\nfamily: inet4\nflags: permanent\n')).toBe(
      '0a080a040a0000011018400250 8001'.replace(' ', ''),
    );
    expect(hex('LinkStatuses.net.talos.dev', 'hardwareAddr: 52:54:00:00:00:01\n')).toBe('2a06525400000001');
  });

  it('leaves out what it does not know', () => {
    expect(hex('Disks.block.talos.dev', 'colour: red\n')).toBe('');
    expect(hex('Nonsense.talos.dev', 'a: 1\n')).toBe('');
  });
});
