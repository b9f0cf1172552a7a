import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { rackSpecSchema } from '../../core/check-rack-spec.ts';
import { demoMachines, demoScenario } from './demo-rack.ts';
import { renderDemoRackFile } from './render-demo-rack-file.ts';

const ports = { dhcp: 10_067, proxyDhcp: 14_011, tftp: 10_069, http: 18_080 };
const bootServer = { address: '127.0.0.1', dhcpPort: 10_067, proxyDhcpPort: 14_011, tftpPort: 10_069 };

describe('the demo’s rack', () => {
  const spec = rackSpecSchema.parse(
    parse(renderDemoRackFile({ ukiPath: 'uki.efi', fluxManifestPath: 'install.yaml', ports })),
  );
  const scenario = demoScenario({ bootServer });

  it('has a rack file that is in order', () => {
    expect(spec.machines.map((machine) => machine.name)).toEqual([
      'cp-1',
      'cp-2',
      'cp-3',
      'node-1',
      'node-2',
      'node-3',
    ]);
  });

  it('has in it every machine of the file, and one that is not in the file', () => {
    const known = scenario.machines.filter(({ mac, uuid }) =>
      spec.machines.some((machine) => machine.mac === mac || machine.uuid === uuid),
    );
    expect(known.map(({ name }) => name)).toEqual(demoMachines.map(({ name }) => name));
    expect(scenario.machines.map(({ name }) => name)).toContain('stranger');
  });

  it('uses no address, MAC, UUID or serial twice', () => {
    for (const values of [
      [...scenario.machines.map((machine) => machine.leasedAddress), ...spec.machines.map((one) => one.address)],
      scenario.machines.map((machine) => machine.mac),
      scenario.machines.map((machine) => machine.uuid),
      scenario.machines.flatMap((machine) => machine.disks.map((disk) => disk.serial)),
      scenario.machines.flatMap((machine) => machine.disks.map((disk) => disk.wwid)),
    ]) {
      expect(new Set(values).size).toBe(values.length);
    }
  });

  it('boots both ways, and has a disk on which something would be lost', () => {
    expect(new Set(scenario.machines.map((machine) => machine.firmware.transport))).toEqual(new Set(['http', 'tftp']));
    const target = demoMachines.find((machine) => machine.name === 'node-3')!.disks[0]!;
    expect(target.signatures.map((one) => one.name)).toContain('ext4');
  });
});
