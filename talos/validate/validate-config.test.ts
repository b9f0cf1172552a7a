import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMac } from '../../core/mac-address.ts';
import type { TalosObservation } from '../../core/machine.ts';
import { exampleDisk } from '../testing/example-request.ts';
import { validateConfig } from './validate-config.ts';

const config = (install: string, more = '') => `version: v1alpha1
machine:
  type: worker
  token: canary-token
  ca: {crt: LS0t, key: ""}
  install: ${install}
cluster:
  controlPlane:
    endpoint: https://10.0.0.10:6443
${more}`;

const machine: TalosObservation = {
  address: '10.0.0.11',
  mode: 'maintenance',
  stage: 'maintenance',
  isReady: true,
  unmetConditions: [],
  version: 'v1.12.7',
  bootMark: '',
  links: [{ name: 'enp1s0', mac: parseMac('52:54:00:00:00:01')!, isUp: true, isPhysical: true }],
  addresses: [],
  disks: [exampleDisk, { ...exampleDisk, name: 'sda', path: '/dev/sda', serial: 'B', wwid: 'x', transport: 'sata' }],
};
const good = config('{disk: /dev/sda}');
const validate = (text: string, options = {}) => validateConfig(text, { minor: 'v1.12', ...options });

describe('validateConfig', () => {
  it('has nothing to say of a good config', () => {
    expect(validate(good)).toEqual([]);
    expect(validate(good, { machine })).toEqual([]);
  });

  it('collects every problem with its document, path and line', () => {
    const text = `${good.replace('worker', 'queen').replace('https://10', 'https://10:x')}---
apiVersion: v1alpha1
kind: HostnameConfig
auto: stable
hostname: a
extra: 1
`;
    expect(validate(text)).toMatchObject([
      { document: 'HostnameConfig', path: 'extra', line: 15 },
      { document: 'main', path: 'machine.type', line: 3 },
      { document: 'main', path: 'cluster.controlPlane.endpoint', line: 9 },
      { document: 'HostnameConfig', path: 'hostname', line: 14 },
    ]);
  });

  it('gives what is missing the line of what should hold it', () => {
    expect(
      validate(good.replace('    endpoint: https://10.0.0.10:6443\n', '    localAPIServerPort: 6443\n')),
    ).toMatchObject([{ path: 'cluster.controlPlane.endpoint', line: 8 }]);
  });

  it('names a contract that is newer than what runs on the machine', () => {
    const [problem] = validateConfig(good, { minor: 'v1.13', machine });
    expect(problem?.message).toBe(
      'the config is for Talos v1.13, which is newer than v1.12.7 that runs on the machine',
    );
    expect(validateConfig(good, { minor: 'v1.11', machine })).toEqual([]);
  });

  it.each([
    ['{disk: /dev/sdb}', 'machine.install.disk', 'it has nvme0n1, sda'],
    ['{diskSelector: {serial: "S4*"}}', undefined, ''],
    ['{diskSelector: {serial: C}}', 'machine.install.diskSelector', 'fits no disk'],
    ['{diskSelector: {type: ssd}}', 'machine.install.diskSelector', 'fits nvme0n1, sda'],
    ['{diskSelector: {type: nvme}}', undefined, ''],
    ['{diskSelector: {size: ">= 1TB"}}', 'machine.install.diskSelector', 'fits no disk'],
    ['{diskSelector: {size: ">= 400 GiB", type: nvme}}', undefined, ''],
    ['{disk: /dev/disk/by-id/x}', undefined, ''],
  ])('looks for the install disk of %s on the machine', (install, path, message) => {
    const problems = validate(config(install), { machine });
    expect(problems.map((problem) => problem.path)).toEqual(path === undefined ? [] : [path]);
    expect(problems[0]?.message ?? '').toContain(message);
  });

  it('looks for links on the machine, but not for aliases and links that a config makes', () => {
    const link = (name: string) => `---\napiVersion: v1alpha1\nkind: LinkConfig\nname: ${name}\nup: true\n`;
    expect(validate(config('{disk: /dev/sda}', link('enp9s0')), { machine })).toMatchObject([
      { document: 'LinkConfig enp9s0', path: 'name', message: 'enp9s0 is no link of this machine; it has enp1s0' },
    ]);
    expect(validate(config('{disk: /dev/sda}', `${link('enp1s0')}${link('uplink')}`), { machine })).toEqual([]);
  });

  it('looks for links wherever a document names one, and knows them by their other names', () => {
    const named = { ...machine, links: machine.links.map((link) => ({ ...link, altNames: ['enx525400000001'] })) };
    const document = (kind: string, fields: string) => `---\napiVersion: v1alpha1\nkind: ${kind}\n${fields}\n`;
    const bond = (port: string) =>
      document('BondConfig', `name: bond0\nup: true\nbondMode: active-backup\nlinks: [enp1s0, ${port}]`);
    const problems = (more: string) =>
      validate(config('{disk: /dev/sda}', more), { machine: named }).map(({ path, message }) => [path, message]);
    const absent = (name: string) => `${name} is no link of this machine; it has enp1s0`;
    expect(problems(bond('enp9s0'))).toEqual([['links[1]', absent('enp9s0')]]);
    expect(problems(bond('enx525400000001'))).toEqual([]);
    expect(problems(document('VLANConfig', 'name: enp9s0.7\nvlanID: 7\nparent: enp9s0'))).toEqual([
      ['parent', absent('enp9s0')],
    ]);
    const alias = document('LinkAliasConfig', 'name: eth%d\nselector: {match: link.type == 1}');
    expect(problems(`${alias}${document('DHCPv4Config', 'name: eth0')}`)).toEqual([]);
    expect(problems(document('DHCPv4Config', 'name: eth0'))).toEqual([['name', absent('eth0')]]);
  });

  it('looks for the install disk of Talos 1.14 on the machine, too', () => {
    const problems = (match: string, needsInstall = true) => {
      const fields = `installer: {}\nprovisioning: {diskSelector: {match: ${JSON.stringify(match)}}}\n`;
      const text = `${good.replace(/ {2}install.*\n/, '')}---\napiVersion: v1alpha1\nkind: UnattendedInstallConfig\n${fields}`;
      const on = { ...machine, version: 'v1.14.0' };
      return validateConfig(text, { minor: 'v1.14', machine: on, needsInstall }).map(({ message }) => message);
    };
    expect(problems('disk.transport != "" && disk.serial == "B" && disk.wwid == "x"')).toEqual([]);
    expect(problems('disk.transport != "" && disk.serial == "C"')).toEqual([
      'fits no disk of this machine; it has nvme0n1, sda',
    ]);
    expect(problems('disk.transport != ""')).toEqual(['fits nvme0n1, sda: Talos takes whichever comes first']);
    expect(problems('disk.transport != "" && disk.serial == "C"', false)).toEqual([]);
    expect(problems('disk.size > 100u * GB')).toEqual([]);
  });

  it('needs no install section for a machine that is installed', () => {
    const text = good.replace(/ {2}install.*\n/, '');
    expect(validate(text)).toMatchObject([{ path: 'machine.install' }]);
    expect(validate(text, { needsInstall: false })).toEqual([]);
    expect(validateConfig(text, { minor: 'v1.14' })).toEqual([]);
  });

  it('leaves a kind that no known Talos has to Talos, and refuses one that came later', () => {
    const document = (kind: string) => `---\napiVersion: v1alpha1\nkind: ${kind}\n`;
    expect(validate(`${good}${document('FutureConfig')}x: 1\n`)).toEqual([]);
    expect(validate(`${good}${document('EnvironmentConfig')}`)[0]?.message).toBe(
      'EnvironmentConfig came with Talos v1.13; this config is for v1.12',
    );
  });

  it('survives any text and quotes no secret', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(good.length), (text, at) => {
        const problems = validate(`${good.slice(0, at)}${text}${good.slice(at)}`, { machine });
        expect(JSON.stringify(problems)).not.toContain('canary-token');
      }),
    );
  });
});
