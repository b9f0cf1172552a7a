import { describe, expect, it } from 'vitest';
import { parseMac } from '../core/mac-address.ts';
import type { Link, TalosObservation } from '../core/machine.ts';
import type { MachineSpec } from '../core/rack-spec.ts';
import { exampleRequest, exampleSpec } from '../talos/testing/example-request.ts';
import { chooseLinks } from './choose-link.ts';

const mac = (last: number) => parseMac(`52:54:00:00:00:0${last}`)!;
const link = (name: string, last: number, more: Partial<Link> = {}): Link => ({
  name,
  mac: mac(last),
  isUp: true,
  isPhysical: true,
  ...more,
});
/** Port 1 is the one that the entry names. */
const links = [
  link('eno1', 1, { driver: 'igb', speedMbit: 1000 }),
  link('enp65s0f0', 3, { driver: 'mlx5_core', speedMbit: 25_000 }),
  link('enp65s0f1', 4, { driver: 'mlx5_core' }),
  link('bond9', 5, { isPhysical: false, driver: 'mlx5_core' }),
];
const observation = { links, addresses: [{ link: 'eno1', cidr: '10.0.0.200/24' }], address: '10.0.0.200' };

const choose = (network: object | undefined, more: Partial<MachineSpec> = {}) => {
  const { machine } = exampleRequest(
    'controlplane',
    exampleSpec({ machine: network === undefined ? {} : { network } }),
  );
  return chooseLinks({ ...machine, ...more }, observation as unknown as TalosObservation);
};
const bond = (members: object[], more: object = {}) => ({ bond: { mode: 'active-backup', members, ...more } });

describe('chooseLinks', () => {
  it('takes the link that is named by MAC address, else the one that the machine answers on', () => {
    expect(choose(undefined)).toEqual({ link: 'eno1' });
    expect(choose(undefined, { mac: mac(3) })).toEqual({ link: 'enp65s0f0' });
    expect(choose(undefined, { mac: undefined })).toEqual({ link: 'eno1' });
  });

  it('takes the ports of a bond by MAC address, name or driver, each once and only physical ones', () => {
    const both = { link: 'bond0', members: ['enp65s0f0', 'enp65s0f1'] };
    expect(choose(bond([{ mac: mac(3) }, { mac: mac(4) }]))).toEqual(both);
    expect(choose(bond([{ name: 'enp65s0f*' }], { count: 2 }))).toEqual(both);
    expect(choose(bond([{ driver: 'mlx5_core' }, { mac: mac(3) }]))).toEqual(both);
    expect(choose(bond([{ driver: 'mlx5_core', minSpeedMbps: 10_000 }]))).toMatchObject({ members: ['enp65s0f0'] });
  });

  it('takes further links, each exactly one', () => {
    expect(choose({ links: [{ mac: mac(3) }, { name: 'enp65s0f1' }] })).toEqual({
      link: 'eno1',
      ports: ['enp65s0f0', 'enp65s0f1'],
    });
  });

  it.each<[string, object, RegExp]>([
    ['a bond port is not there', bond([{ mac: mac(9) }]), /network\.bond\.members\[0\] of node-1 fits no link/],
    ['a bond has another number of ports', bond([{ driver: 'mlx5_core' }], { count: 3 }), /is of 3 ports, and 2 fit/],
    ['a further link fits two', { links: [{ driver: 'mlx5_core' }] }, /network\.links\[0\] of node-1 fits 2 links/],
    ['a further link carries the address', { links: [{ name: 'eno1' }] }, /fits eno1, which is the link with its/],
    [
      'a further link is in the bond',
      { ...bond([{ driver: 'mlx5_core' }]), links: [{ mac: mac(3) }] },
      /fits enp65s0f0, which is network\.bond\.members\[0\] already/,
    ],
  ])('refuses to guess when %s, and shows the links that there are', (_what, network, says) => {
    expect(() => choose(network)).toThrow(
      expect.objectContaining({
        code: 'installer/link-unclear',
        exitCode: 4,
        message: expect.stringMatching(says) as string,
      }),
    );
    expect(() => choose(network)).toThrow(/eno1 52:54:00:00:00:01 igb 1000 Mbit\/s up/);
  });
});
