import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { nodeWorld } from '../../bin/node-world.ts';
import { runCli } from '../../bin/run-cli.ts';
import { type MachineListReport, machineListReport, machineReport } from '../../core/machine-report.ts';
import { observeTalos } from '../../talos/testing/observe-talos.ts';
import { type Lab, startLab } from '../lab/lab.fixture.ts';
import { renderDemoRackFile } from '../lab/render-demo-rack-file.ts';

/** The commands that look at machines, as an operator types them, before three machines that wait in maintenance mode. */
describe('get machines and describe machine', () => {
  let lab: Lab;
  let home: string;

  const run = async (...argv: string[]) => {
    const [out, err] = [new PassThrough(), new PassThrough()];
    const texts = Promise.all([text(out), text(err)]);
    const world = { ...nodeWorld, env: { HOME: home }, workingDirectory: home, out, err };
    const exitCode = await runCli(argv, world);
    out.end();
    err.end();
    const [said, complained] = await texts;
    return { exitCode, out: said, err: complained };
  };
  const list = async (...argv: string[]): Promise<MachineListReport> => {
    const { exitCode, out, err } = await run('get', 'machines', '-o', 'json', ...argv);
    expect([exitCode, err]).toEqual([0, '']);
    return machineListReport.parse(JSON.parse(out));
  };

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'rackwright-get-'));
    lab = await startLab({ net: 98, controlPlanes: 1, workers: 2 });
    lab.rack.powerOn();
    for (const name of ['cp-1', 'node-1', 'node-2']) {
      await lab.eventually(() => observeTalos({ address: lab.leased(name) }));
    }
  });
  afterAll(async () => {
    await lab.close();
    await rm(home, { recursive: true });
  });

  it('knows nothing before it has looked, and says how to look', async () => {
    expect(await list('--cached')).toMatchObject({ items: [], unidentified: [] });
    const { exitCode, out, err } = await run('get', 'machines', '--cached');
    expect([exitCode, out]).toEqual([0, '']);
    expect(err).toMatch(/--address or --scan/);
  });

  it('finds the machines of a subnet, and tells what they are', async () => {
    const { items, unidentified } = await list('--scan', `${lab.leased('cp-1')}/25`);
    expect(unidentified).toEqual([]);
    expect(items.map(({ address }) => address).sort()).toEqual(
      ['cp-1', 'node-1', 'node-2'].map((name) => lab.leased(name)).sort(),
    );
    for (const item of items) {
      expect(item).toMatchObject({
        state: 'maintenance',
        identityBy: 'uuid',
        conflicts: [],
        system: { vendor: 'Rackwright', product: 'Simulated server' },
        processors: [{ cores: 16, threads: 32 }],
        memory: { totalMiB: 65_536 },
        firmwareMode: 'uefi',
        secureBoot: false,
        leftovers: [],
        unknown: [{ fact: 'neighbours' }],
      });
      expect(item.links?.find(({ isPhysical }) => isPhysical)).toMatchObject({ speedMbit: 10_000, duplex: 'full' });
      expect(item.disks?.map(({ signatures }) => signatures)).toContainEqual([]);
    }
  });

  it('remembers them, with their age, when they are gone, and sees that they are back', async () => {
    const gone = lab.leased('node-2');
    await lab.rack.machine('node-2').powerOff();
    const { items } = await list();
    const silent = items.find(({ address }) => address === gone);
    expect(silent).toMatchObject({ state: 'silent', memory: { totalMiB: 65_536 }, talos: { mode: 'maintenance' } });
    expect(silent).toHaveProperty('ageSeconds');
    expect(items.filter(({ state }) => state === 'maintenance')).toHaveLength(2);
    expect((await list('--cached')).items.map(({ state }) => state)).toEqual(['silent', 'silent', 'silent']);

    lab.rack.machine('node-2').powerOn();
    await lab.eventually(() => observeTalos({ address: gone }));
    expect((await list()).items.map(({ state }) => state)).toEqual(['maintenance', 'maintenance', 'maintenance']);
  });

  it('keeps no secret and lets nobody else read what it keeps', async () => {
    const file = join(home, '.local/state/rackwright/_machines/inventory.jsonl');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await readFile(file, 'utf8')).split('\n')).toHaveLength(4);
  });

  it('tells all of one machine, by its UUID, its MAC address or its address, and in three forms', async () => {
    const [machine] = (await list('--cached')).items;
    const wanted = [machine!.uuid!, machine!.macs[0]!.toUpperCase().replaceAll(':', '-'), machine!.address!];
    for (const name of wanted) {
      const json = await run('describe', 'machine', name, '--cached', '-o', 'json');
      expect(machineReport.parse(JSON.parse(json.out))).toMatchObject({ identity: machine!.identity });
    }
    const yaml = await run('describe', 'machine', wanted[0]!, '--cached', '-o', 'yaml');
    expect(machineReport.parse(parse(yaml.out)).identity).toBe(machine!.identity);
    const { out } = await run('describe', 'machine', wanted[0]!, '--cached');
    for (const known of ['Simulated server', '16 cores', '64 GiB', '/dev/nvme0n1', 'neighbours: ']) {
      expect(out).toContain(known);
    }
  });

  it('names what it does not know, and exits 4', async () => {
    const { exitCode, out, err } = await run('describe', 'machine', 'nobody', '--cached');
    expect([exitCode, out]).toEqual([4, '']);
    expect(err).toMatch(/No machine is known as nobody/);
  });

  it('says who answers and does not tell which machine it is, and who does not answer', async () => {
    const silent = '127.98.200.1';
    const { unidentified } = await list('--address', silent);
    expect(unidentified).toMatchObject([{ address: silent, reason: expect.stringContaining(silent) as string }]);
  });

  it.each([
    [['--scan', 'rack'], 4, /no IPv4 subnet/],
    [['--scan', '8.8.8.0/30'], 3, /public.*--confirm-scan 8\.8\.8\.0\/30/s],
    [['--scan', '10.0.0.0/8', '--confirm-scan', '10.0.0.0/8'], 4, /too many/],
    [['--address', 'rack'], 4, /IPv4 address/],
  ])('refuses %j and looks at nothing', async (flags, exitCode, message) => {
    const result = await run('get', 'machines', ...flags);
    expect([result.exitCode, result.out]).toEqual([exitCode, '']);
    expect(result.err).toMatch(message);
  });

  it('tables what there is, a line a machine', async () => {
    const table = (await run('get', 'machines', '--cached')).out.split('\n');
    expect(table[0]).toMatch(/^NAME +STATE +ADDRESS +MAC +PRODUCT +CPU +MEMORY +DISKS +AGE$/);
    expect(table).toHaveLength(1 + 3 + 1);
    const wide = (await run('get', 'machines', '--cached', '-o', 'wide')).out;
    for (const { uuid } of (await list('--cached')).items) expect(wide).toContain(uuid);
    const names = (await run('get', 'machines', '--cached', '-o', 'name')).out;
    expect(names.trimEnd().split('\n')).toEqual(
      (await list('--cached')).items.map(({ identity }) => `machine/${identity}`),
    );
  });

  it('names the machines of a rack file, holds strangers, and keeps what it saw with that rack', async () => {
    const fluxManifestPath = resolve('test/lab/flux-install.yaml');
    const ports = { dhcp: 1, proxyDhcp: 2, tftp: 3, http: 4 };
    const file = renderDemoRackFile({ ukiPath: 'talos.efi', fluxManifestPath, ports }).replaceAll('127.77.', '127.98.');
    const { items: known } = await list('--cached');
    const first = known[0]!;
    await writeFile(join(home, 'rack.yaml'), file.replace(/uuid: \S+/, `uuid: ${first.uuid!}`));
    const named = await list('rack.yaml', ...known.flatMap(({ address }) => ['--address', address!]));
    const cached = await list('rack.yaml', '--cached');
    expect(named.items[0]).toMatchObject({ name: 'cp-1', macs: first.macs });
    expect(named.items.filter(({ held }) => held === 'it is not in the rack file')).toHaveLength(2);
    expect(cached.items).toHaveLength(3);
  });
});
