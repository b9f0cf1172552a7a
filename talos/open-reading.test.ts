import { connect, createServer, type Server } from 'node:net';
import { create } from '@bufbuild/protobuf';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { millis } from '../core/millis.ts';
import { VirtualClock } from '../test/fakes/virtual-clock.ts';
import { type CertificateAndKey, createAuthority } from './certificate.ts';
import { createAdminKeys } from './client-certificate.ts';
import { FileInfoSchema } from './gen/machine/file_pb.ts';
import { probeTalosMode } from './probe-talos-mode.ts';
import { observeTalos } from './testing/observe-talos.ts';
import { type ServedResource, serveTalos, type TalosServer, type TalosServerOptions } from './testing/serve-talos.ts';
import { trueRandom } from './testing/true-random.ts';

/** OpenSSL judges certificates by the real time. */
const clock = Object.assign(new VirtualClock(), { now: () => new Date() });
const ports = { clock, random: trueRandom };
const address = '127.0.0.1';

const link = (id: string, yaml: string): ServedResource => ({ type: 'LinkStatuses.net.talos.dev', id, yaml });
const disk = (id: string, yaml: string): ServedResource => ({ type: 'Disks.block.talos.dev', id, yaml });
const volume = (id: string, yaml: string): ServedResource => ({ type: 'DiscoveredVolumes.block.talos.dev', id, yaml });

const aMachine: readonly ServedResource[] = [
  {
    type: 'SystemInformations.hardware.talos.dev',
    id: 'systeminformation',
    yaml: 'uuid: 4C4C4544-0051-3010-8051-B4C04F5A3332\nmanufacturer: Supermicro\nproductName: ""\nserialnumber: S1\n',
    createdMs: 1000,
  },
  { type: 'Versions.runtime.talos.dev', id: 'version', yaml: 'version: v1.13.9\n' },
  {
    type: 'MachineStatuses.runtime.talos.dev',
    id: 'machine',
    yaml: 'stage: booting\nstatus:\n  ready: false\n  unmetConditions:\n    - name: services\n      reason: etcd not ready\n',
  },
  link('lo', 'type: loopback\nkind: ""\nhardwareAddr: 00:00:00:00:00:00\noperationalState: unknown\n'),
  link(
    'enp1s0',
    'type: ether\nkind: ""\nhardwareAddr: 02:00:00:00:00:99\npermanentAddr: 52:54:00:00:00:01\nlinkState: true\nspeedMbit: 25000\nduplex: Full\ndriver: mlx5_core\nbusPath: 0000:01:00.0\nvendor: Mellanox Technologies\nproduct: MT2892 Family\nmtu: 1500\n',
  ),
  link('bond0', 'type: ether\nkind: bond\nhardwareAddr: 52:54:00:00:00:01\noperationalState: up\n'),
  link(
    'enp2s0',
    'type: ether\nkind: ""\nhardwareAddr: 52:54:00:00:00:02\npermanentAddr: 00:00:00:00:00:00\nspeedMbit: 4294967295\nduplex: Half\n',
  ),
  { type: 'AddressStatuses.net.talos.dev', id: 'lo/127.0.0.1/8', yaml: 'address: 127.0.0.1/8\nlinkName: lo\n' },
  { type: 'AddressStatuses.net.talos.dev', id: 'x', yaml: 'address: 10.0.0.51/24\nlinkName: enp1s0\n' },
  disk(
    'sda',
    'dev_path: /dev/sda\nsize: 480103981056\nreadonly: false\ncdrom: false\nmodel: M\nserial: "0123"\nwwid: naa.5\ntransport: sata\n',
  ),
  disk('sdb', 'dev_path: /dev/sdb\nsize: 1000\nrotational: true\nreadonly: true\ntransport: sas\n'),
  disk('sr0', 'dev_path: /dev/sr0\nsize: 1000\ncdrom: true\ntransport: sata\n'),
  disk('loop0', 'dev_path: /dev/loop0\nsize: 1000\n'),
  disk('dm-0', 'dev_path: /dev/dm-0\nsize: 1000\n'),
  volume('sda', 'type: disk\nname: gpt\n'),
  volume('sda1', 'type: partition\nname: vfat\nparent: sda\npartition_label: EFI\n'),
  volume('sdb', 'type: disk\nname: ""\n'),
  { type: 'SystemDisks.block.talos.dev', id: 'system-disk', yaml: 'diskID: sda\ndevPath: /dev/sda\n' },
  {
    type: 'ExtensionStatuses.runtime.talos.dev',
    id: '0',
    yaml: 'image: 000.drbd\nmetadata:\n  name: drbd\n  version: 9.2.14-v1.13.9\n',
  },
  {
    type: 'ExtensionStatuses.runtime.talos.dev',
    id: '1',
    yaml: 'image: ""\nmetadata:\n  name: schematic\n  version: 0a1b\n  extraInfo: "customization: {}"\n',
  },
];

describe('openReading', () => {
  let authority: CertificateAndKey;
  let servers: (TalosServer | Server)[] = [];
  const serve = async (options: Partial<TalosServerOptions>) => {
    const server = await serveTalos({
      authority,
      demandsClientCertificate: false,
      clock,
      resources: aMachine,
      ...options,
    });
    servers.push(server);
    return { address, port: server.port };
  };

  beforeAll(async () => {
    authority = await createAuthority({ kind: 'ed25519', organization: 'talos' }, ports);
  });
  afterEach(() => {
    for (const server of servers) server.close();
    servers = [];
  });

  it('reads what a machine in maintenance mode says of itself, without keys', async () => {
    expect(await observeTalos(await serve({}))).toEqual({
      fingerprint: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/) as string,
      address,
      mode: 'maintenance',
      stage: 'booting',
      isReady: false,
      unmetConditions: ['services: etcd not ready'],
      version: 'v1.13.9',
      bootMark: '1970-01-01T00:00:01.000000000Z',
      uuid: '4c4c4544-0051-3010-8051-b4c04f5a3332',
      links: [
        {
          name: 'enp1s0',
          mac: '52:54:00:00:00:01',
          isUp: true,
          isPhysical: true,
          speedMbit: 25_000,
          duplex: 'full',
          driver: 'mlx5_core',
          busPath: '0000:01:00.0',
          vendor: 'Mellanox Technologies',
          product: 'MT2892 Family',
          mtu: 1500,
        },
        { name: 'bond0', mac: '52:54:00:00:00:01', isUp: true, isPhysical: false },
        { name: 'enp2s0', mac: '52:54:00:00:00:02', isUp: false, isPhysical: true },
      ],
      addresses: [{ link: 'enp1s0', cidr: '10.0.0.51/24' }],
      disks: [
        {
          name: 'sda',
          path: '/dev/sda',
          sizeBytes: 480103981056n,
          model: 'M',
          serial: '0123',
          wwid: 'naa.5',
          transport: 'sata',
          rotational: false,
          readOnly: false,
          signatures: ['gpt', 'vfat on sda1 (EFI)'],
          contents: [
            { kind: 'partition-table', on: 'sda', format: 'gpt' },
            { kind: 'filesystem', on: 'sda1', format: 'vfat', label: 'EFI' },
          ],
          layout: [
            { on: 'sda', format: 'gpt', sizeBytes: 0 },
            { on: 'sda1', format: 'vfat', sizeBytes: 0, partition: { index: 0, label: 'EFI' } },
          ],
        },
        {
          name: 'sdb',
          path: '/dev/sdb',
          sizeBytes: 1000n,
          transport: 'sas',
          rotational: true,
          readOnly: true,
          signatures: [],
          contents: [],
        },
      ],
      systemDisk: 'sda',
      leftovers: [],
      hardware: { system: { vendor: 'Supermicro', serial: 'S1' } },
      image: { schematic: '0a1b', extensions: ['drbd'] },
      unknown: [
        { fact: 'firmwareMode', why: expect.stringContaining('List') as string },
        { fact: 'memory', why: 'its SMBIOS lists no module' },
        { fact: 'neighbours', why: expect.stringContaining('LLDP') as string },
        { fact: 'processors', why: 'its SMBIOS lists none' },
        { fact: 'secureBoot', why: 'its Talos tells no security state' },
      ],
    });
  });

  const theHardware: readonly ServedResource[] = [
    {
      type: 'Processors.hardware.talos.dev',
      id: 'CPU-1',
      yaml: 'socket: CPU1\nmanufacturer: AMD\nproductName: AMD EPYC 9354P\ncoreCount: 32\ncoreEnabled: 32\nthreadCount: 64\nmaxSpeedMhz: 3800\n',
    },
    { type: 'Processors.hardware.talos.dev', id: 'CPU-2', yaml: 'socket: CPU2\ncoreCount: 0\n' },
    {
      type: 'MemoryModules.hardware.talos.dev',
      id: 'DIMMA1',
      yaml: 'sizeMiB: 65536\ndeviceLocator: DIMMA1\nspeed: 4800\nmanufacturer: Micron\nserialNumber: M1\nproductName: P1\n',
    },
    { type: 'MemoryModules.hardware.talos.dev', id: 'DIMMA2', yaml: 'sizeMiB: 0\ndeviceLocator: DIMMA2\n' },
  ];
  const security = (yaml: string): ServedResource => ({ type: 'SecurityStates.talos.dev', id: 'securitystate', yaml });
  const listing =
    (...names: string[]): NonNullable<NonNullable<TalosServerOptions['machine']>['list']> =>
    (call) => {
      for (const name of names)
        call.write(create(FileInfoSchema, { name: `/sys/firmware/${name}`, relativeName: name }));
      call.end();
    };

  it('reads processors, memory, firmware mode and Secure Boot', async () => {
    const resources = [...aMachine, ...theHardware, security('secureBoot: true\nbootedWithUKI: true\n')];
    const { hardware, unknown } = await observeTalos(await serve({ resources }));
    expect(hardware).toEqual({
      system: { vendor: 'Supermicro', serial: 'S1' },
      processors: [
        { socket: 'CPU1', vendor: 'AMD', model: 'AMD EPYC 9354P', cores: 32, threads: 64, maxSpeedMHz: 3800 },
      ],
      memory: {
        totalMiB: 65_536,
        modules: [{ slot: 'DIMMA1', sizeMiB: 65_536, speedMTs: 4800, vendor: 'Micron', serial: 'M1', part: 'P1' }],
      },
      firmwareMode: 'uefi',
      secureBoot: true,
    });
    expect(unknown?.map(({ fact }) => fact)).toEqual(['neighbours']);
  });

  it.each([
    ['bios', ['.', 'acpi', 'dmi']],
    ['uefi', ['.', 'acpi', 'efi']],
    [undefined, ['.']],
  ])('tells the firmware mode %s by what the kernel shows', async (firmwareMode, names) => {
    const resources = [...aMachine, security('secureBoot: false\nbootedWithUKI: false\n')];
    const { hardware } = await observeTalos(await serve({ resources, machine: { list: listing(...names) } }));
    expect(hardware?.firmwareMode).toBe(firmwareMode);
    expect(hardware?.secureBoot).toBe(false);
  });

  it('takes nothing for false that the machine does not say', async () => {
    const { hardware, unknown } = await observeTalos(
      await serve({ resources: [...aMachine, security('selinuxState: x\n')] }),
    );
    expect(hardware).not.toHaveProperty('secureBoot');
    expect(unknown).toContainEqual({ fact: 'secureBoot', why: 'its Talos does not say' });
  });

  it.each(['Processors.hardware', 'MemoryModules.hardware', 'SecurityStates', 'BootedEntries'])(
    'reads all else of a Talos that has no %s',
    async (type) => {
      const resources = [...aMachine, ...theHardware, security('secureBoot: false\n')];
      const whole = await observeTalos(await serve({ resources, machine: { list: listing('efi') } }));
      const part = await observeTalos(
        await serve({ resources, machine: { list: listing('efi') }, unknownTypes: [`${type}.talos.dev`] }),
      );
      expect(whole).toMatchObject({ ...part, fingerprint: whole.fingerprint, unknown: whole.unknown });
    },
  );

  it('asks for the hardware once in a boot, and again after the next', async () => {
    const resources = [...aMachine, ...theHardware, security('secureBoot: false\nbootedWithUKI: true\n')];
    const before = await observeTalos(await serve({ resources }));
    const later = await serve({ resources: aMachine });
    expect((await observeTalos({ ...later, before })).hardware).toEqual(before.hardware);
    const rebooted = await observeTalos({ ...later, before: { ...before, bootMark: 'another' } });
    expect(rebooted.hardware).not.toHaveProperty('processors');
    const passing = { ...before, unknown: [{ fact: 'memory', why: 'busy', mayPass: true }] } as const;
    expect((await observeTalos({ ...later, before: passing })).hardware).not.toHaveProperty('processors');
  });

  it("shows the partitions of an old install, which nobody may take for the machine's own", async () => {
    const old = ['META', 'STATE', 'EPHEMERAL'].map((label, index) =>
      volume(`sda${index + 2}`, `type: partition\nname: xfs\nparent: sda\npartition_label: ${label}\n`),
    );
    const { leftovers } = await observeTalos(await serve({ resources: [...aMachine, ...old] }));
    expect(leftovers?.map(({ partition, label }) => `${partition} ${label}`)).toEqual([
      'sda1 EFI',
      'sda2 META',
      'sda3 STATE',
      'sda4 EPHEMERAL',
    ]);
  });

  it('uses the keys when the machine asks for a certificate', async () => {
    const keys = await createAdminKeys({ osCa: authority }, ports);
    const target = await serve({ demandsClientCertificate: true });
    expect(await observeTalos({ ...target, keys })).toMatchObject({ mode: 'configured', version: 'v1.13.9' });
  });

  it('reads a machine in maintenance mode also when there are keys that it does not know', async () => {
    const keys = await createAdminKeys({ osCa: authority }, ports);
    const other = await createAuthority({ kind: 'ed25519' }, ports);
    const target = await serve({ authority: other });
    expect(await observeTalos({ ...target, keys })).toMatchObject({ mode: 'maintenance' });
  });

  it('says that a machine which asks for a certificate is not ours when there are no keys, or other ones', async () => {
    const target = await serve({ demandsClientCertificate: true });
    await expect(observeTalos(target)).rejects.toMatchObject({ code: 'talos/configured-by-others', kind: 'operator' });
    const other = await createAuthority({ kind: 'ed25519', organization: 'talos' }, ports);
    const keys = await createAdminKeys({ osCa: other }, ports);
    await expect(observeTalos({ ...target, keys })).rejects.toMatchObject({ code: 'talos/foreign-certificate' });
  });

  it('looks again later at a machine that takes on its config between the probe and the reading', async () => {
    const before = await serve({});
    const after = await serve({ demandsClientCertificate: true });
    const ways = [before.port, after.port];
    const machine = createServer((socket) => {
      const way = connect({ host: address, port: ways.shift() ?? after.port });
      socket.pipe(way).pipe(socket);
      socket.on('error', () => way.destroy());
      way.on('error', () => socket.destroy());
    });
    servers.push(machine);
    await new Promise<void>((resolve) => machine.listen(0, address, resolve));
    const { port } = machine.address() as { port: number };
    await expect(observeTalos({ address, port })).rejects.toMatchObject({
      code: 'talos/unreachable',
      kind: 'environment',
    });
  });

  it('does not take a disk for blank that the kernel knows to have a partition, or that nobody has probed', async () => {
    const target = await serve({
      resources: [
        ...aMachine,
        { type: 'BlockDevices.block.talos.dev', id: 'sdb', yaml: 'type: disk\n' },
        { type: 'BlockDevices.block.talos.dev', id: 'sdb1', yaml: 'type: partition\nparent: sdb\n' },
        disk('sdc', 'dev_path: /dev/sdc\nsize: 1000\ntransport: sas\n'),
      ],
    });
    const { disks } = await observeTalos(target);
    expect(disks.find(({ name }) => name === 'sdb')).toMatchObject({ signatures: ['unknown on sdb1'] });
    expect(disks.find(({ name }) => name === 'sdc')).toMatchObject({ signatures: [], isUnprobed: true });
    expect(disks.find(({ name }) => name === 'sda')).not.toHaveProperty('isUnprobed');
  });

  it('leaves out what this Talos does not have, and what is not as expected', async () => {
    const target = await serve({
      unknownTypes: ['SystemInformations.hardware.talos.dev', 'SystemDisks.block.talos.dev'],
      resources: [
        { type: 'Versions.runtime.talos.dev', id: 'version', yaml: 'version: v1.12.7\n', createdMs: 2000 },
        link('eth0', '- a list\n'),
        disk('sda', 'size: 0\nserial: ""\n'),
      ],
    });
    const observation = await observeTalos(target);
    expect(observation).toMatchObject({ stage: 'unknown', bootMark: '1970-01-01T00:00:02.000000000Z' });
    expect(observation).not.toHaveProperty('uuid');
    expect(observation).not.toHaveProperty('systemDisk');
    expect(observation.links).toEqual([]);
    expect(observation.disks).toEqual([
      {
        isUnprobed: true,
        name: 'sda',
        path: '/dev/sda',
        sizeBytes: 0n,
        rotational: false,
        readOnly: false,
        signatures: [],
      },
    ]);
  });

  it.each([
    ['is no object', '- a list\n', 'its top'],
    ['has no size', 'size: many\n', 'size'],
    ['has a serial that is a number', 'serial: 123\n', 'serial'],
  ])('does not go on without a disk that %s, lest a selector looks unique', async (_, yaml, place) => {
    const target = await serve({ resources: [...aMachine, disk('sdz', yaml)] });
    await expect(observeTalos(target)).rejects.toMatchObject({
      code: 'talos/garbled',
      message: expect.stringContaining(`Disks.block.talos.dev sdz at ${place}: `) as string,
    });
  });

  it.each(['- a list\n', 'devPath: /dev/sda\n', 'diskID: ""\n'])(
    'does not take a machine for one without Talos on a disk when it cannot read on which: %j',
    async (yaml) => {
      const others = aMachine.filter(({ type }) => type !== 'SystemDisks.block.talos.dev');
      const resources = [...others, { type: 'SystemDisks.block.talos.dev', id: 'system-disk', yaml }];
      await expect(observeTalos(await serve({ resources }))).rejects.toMatchObject({ code: 'talos/garbled' });
    },
  );

  it('knows a link by its alias and its other names, too', async () => {
    const yaml = 'type: ether\nhardwareAddr: 52:54:00:00:00:09\nalias: uplink\naltNames: [enx525400000009]\n';
    const { links } = await observeTalos(await serve({ resources: [...aMachine, link('enp9s0', yaml)] }));
    expect(links.find(({ name }) => name === 'enp9s0')?.altNames).toEqual(['uplink', 'enx525400000009']);
    expect(links.find(({ name }) => name === 'enp1s0')).not.toHaveProperty('altNames');
  });

  it('does not take a disk for blank when what was found on it cannot be read', async () => {
    const found = (yaml: string) => ({ type: 'DiscoveredVolumes.block.talos.dev', id: 'sdc', yaml });
    const sdc = disk('sdc', 'dev_path: /dev/sdc\nsize: 1000\ntransport: sas\n');
    const seen = async (yaml: string) => {
      const { disks } = await observeTalos(await serve({ resources: [...aMachine, sdc, found(yaml)] }));
      return disks.find(({ name }) => name === 'sdc')?.isUnprobed ?? false;
    };
    expect([await seen('name: ""\n'), await seen('name: 7\n')]).toEqual([false, true]);
  });

  it('waits for a machine that is not there, and for one that does not speak TLS', async () => {
    const unreachable = { code: 'talos/unreachable', kind: 'environment' };
    await expect(observeTalos({ address, port: 1 })).rejects.toMatchObject(unreachable);
    const plain = createServer((socket) => socket.end('220 hello\r\n'));
    servers.push(plain);
    await new Promise<void>((resolve) => plain.listen(0, address, resolve));
    const { port } = plain.address() as { port: number };
    await expect(observeTalos({ address, port })).rejects.toMatchObject(unreachable);
  });

  it('gives up at the deadline on a machine that accepts and stays silent, and at once at the signal', async () => {
    const silent = createServer(() => undefined);
    servers.push(silent);
    await new Promise<void>((resolve) => silent.listen(0, address, resolve));
    const { port } = silent.address() as { port: number };
    await expect(probeTalosMode({ address, port }, { deadline: millis(1) })).rejects.toMatchObject({
      code: 'talos/unreachable',
      message: expect.stringContaining('no answer in time') as string,
    });
    await expect(observeTalos({ address, port, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'talos/cancelled',
    });
  });
});
