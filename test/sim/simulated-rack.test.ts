import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import {
  arrangeFlux,
  connectKube,
  fluxObjects,
  type KubeClient,
  orderForApply,
  parseManifests,
} from '../../cluster/index.ts';
import { type TalosClient } from '../../talos/index.ts';
import { observeTalos } from '../../talos/testing/observe-talos.ts';
import { type Lab, startLab } from '../lab/lab.fixture.ts';
import type { LabWish } from '../lab/lab-scenario.fixture.ts';
import { isReady } from '../lab/node-object.ts';

let lab: Lab | undefined;
let kube: KubeClient | undefined;
const open = async (client: TalosClient) => (kube = connectKube(await client.kubeconfig()));
const start = async (wish: LabWish) => (lab = await startLab(wish));
afterEach(async () => {
  await kube?.close();
  await lab?.close();
  kube = undefined;
  lab = undefined;
});

/** Waits until Talos on that machine is where it should be. */
const stageNow = (on: Lab, name: string) => observeTalos({ address: on.address(name), keys: on.keys });
const stage = (on: Lab, name: string, wanted: string) =>
  on.eventually(async () => {
    const observed = await stageNow(on, name);
    if (observed.stage !== wanted) throw new Error(`${name} is ${observed.stage}`);
    return observed;
  });

const wipesOf = (on: Lab, name: string) => Object.fromEntries(on.rack.statistics().machines.get(name)!.wipes);

describe('a simulated rack', () => {
  it('goes from DISCOVER to a Kubernetes with ready nodes, and writes one disk of each machine once', async () => {
    const on = await start({ net: 80, controlPlanes: 3, workers: 1 });
    on.rack.powerOn();
    await Promise.all(['cp-1', 'cp-2', 'cp-3', 'node-1'].map((name) => on.install(name)));
    const first = on.client(on.address('cp-1'), on.keys);
    await on.eventually(() => first.bootstrap());
    await on.eventually(async () => {
      const members = await first.etcdMembers();
      expect(members.map(({ hostname, isLearner }) => [hostname, isLearner]).sort()).toEqual([
        ['cp-1', false],
        ['cp-2', false],
        ['cp-3', false],
      ]);
    });
    const api = await open(first);
    await on.eventually(async () => {
      const nodes = await api.list('v1', 'Node');
      expect(
        nodes
          .filter(isReady)
          .map(({ metadata }) => metadata.name)
          .sort(),
      ).toEqual(['cp-1', 'cp-2', 'cp-3', 'node-1']);
    });
    expect((await stage(on, 'node-1', 'running')).systemDisk).toBe('nvme0n1');

    const { bootstraps, machines, etcdMembers } = on.rack.statistics();
    expect([bootstraps, etcdMembers.length]).toEqual([1, 3]);
    for (const name of machines.keys()) {
      expect(wipesOf(on, name)).toEqual({ [`${name}-disk-0`]: 1, [`${name}-disk-1`]: 0 });
      expect(machines.get(name)).toMatchObject({ networkBoots: 1, talosBoots: 2, appliedConfigs: 1 });
    }
  });

  it('has nodes that wait for their pod network, and get it with what Flux applies', async () => {
    const on = await start({ net: 89, cni: 'none' });
    on.rack.powerOn();
    await on.install('cp-1');
    const client = on.client(on.address('cp-1'), on.keys);
    await on.eventually(() => client.bootstrap());
    expect((await stage(on, 'cp-1', 'running')).unmetConditions.join()).toContain('nodeReady');
    const api = await open(client);
    const release = await readFile('test/lab/flux-install.yaml', 'utf8');
    const objects = arrangeFlux(parseManifests(release, 'install.yaml'), { cni: 'none', dnsDomain: 'cluster.local' });
    const { source, kustomization } = fluxObjects({
      kind: 'OCIRepository',
      url: 'oci://registry.example/lab',
      tag: 'v1',
      path: './',
      insecure: false,
    });
    const { first, rest } = orderForApply(objects);
    for (const object of [...first, ...rest, source, kustomization]) await on.eventually(() => api.apply(object));
    await on.eventually(async () => expect((await api.list('v1', 'Node')).every(isReady)).toBe(true));
    await on.eventually(async () => expect((await stage(on, 'cp-1', 'running')).isReady).toBe(true));
  });

  it('keeps what is on its disks when the power goes: the same member comes back, from the disk', async () => {
    const on = await start({ net: 81 });
    on.rack.powerOn();
    await on.install('cp-1');
    const client = on.client(on.address('cp-1'), on.keys);
    await on.eventually(() => client.bootstrap());
    await stage(on, 'cp-1', 'running');
    const [before] = await client.etcdMembers();

    on.decide('cp-1', 'local-disk');
    await on.rack.machine('cp-1').powerOff();
    on.rack.machine('cp-1').powerOn();
    await stage(on, 'cp-1', 'running');
    const again = on.client(on.address('cp-1'), on.keys);
    expect(await again.etcdMembers()).toEqual([before]);
    await expect(again.bootstrap()).rejects.toMatchObject({ code: 'talos/already-exists' });
    expect(wipesOf(on, 'cp-1')).toEqual({ 'cp-1-disk-0': 1, 'cp-1-disk-1': 0 });
    expect(on.rack.statistics()).toMatchObject({ bootstraps: 1, refusedBootstraps: 1 });
  });

  it('becomes two clusters when two control planes are bootstrapped, as in life', async () => {
    const on = await start({ net: 82, controlPlanes: 3, faults: { 'cp-1': [{ kind: 'slow', factor: 8 }] } });
    on.rack.powerOn();
    await Promise.all(['cp-1', 'cp-2'].map((name) => on.install(name)));
    const clients = ['cp-1', 'cp-2'].map((name) => on.client(on.address(name), on.keys));
    // Both wait for their bootstrap; the slow one is not up before the other one is told the same.
    await stage(on, 'cp-1', 'booting');
    await stage(on, 'cp-2', 'booting');
    await Promise.all(clients.map((client) => client.bootstrap()));
    expect(on.rack.statistics().bootstraps).toBe(2);
    for (const client of clients) {
      await on.eventually(async () => expect(await client.etcdMembers()).toHaveLength(1));
    }
  });

  it.each([
    ['v1.13.9', 'answers holders of its keys'],
    ['v1.12.11', 'is silent'],
  ])('with Talos %s a control plane %s while it installs', async (talosVersion) => {
    const on = await start({ net: 88, talosVersion, faults: { 'cp-1': [{ kind: 'slow', factor: 8 }] } });
    on.rack.powerOn();
    await on.install('cp-1');
    await on.eventually(async () => {
      await expect(observeTalos({ address: on.leased('cp-1') })).rejects.toMatchObject({ code: 'talos/unreachable' });
    });
    if (talosVersion === 'v1.13.9') await stage(on, 'cp-1', 'installing');
    else await expect(stageNow(on, 'cp-1')).rejects.toMatchObject({ code: 'talos/unreachable' });
    expect(on.rack.statistics().machines.get('cp-1')!.talosBoots).toBe(1);
    await stage(on, 'cp-1', 'booting');
  });

  it('shows a worker’s API only when a control plane can sign its certificate', async () => {
    const on = await start({ net: 83, workers: 1 });
    on.rack.powerOn();
    await on.install('node-1');
    await on.eventually(async () => expect(wipesOf(on, 'node-1')['node-1-disk-0']).toBe(1));
    await on.eventually(async () => expect(on.rack.statistics().machines.get('node-1')!.talosBoots).toBe(2));
    await expect(observeTalos({ address: on.address('node-1'), keys: on.keys })).rejects.toMatchObject({
      code: 'talos/unreachable',
    });
    await on.install('cp-1');
    await stage(on, 'node-1', 'booting');
  });

  it('installs again after an install that failed, and the disk was not touched by the first', async () => {
    const on = await start({ net: 84, faults: { 'cp-1': [{ kind: 'install-fails', times: 1 }] } });
    on.rack.powerOn();
    await on.install('cp-1');
    await on.eventually(async () => expect(on.rack.statistics().machines.get('cp-1')!.maintenanceBoots).toBe(2));
    expect(wipesOf(on, 'cp-1')['cp-1-disk-0']).toBe(0);
    await on.install('cp-1');
    await stage(on, 'cp-1', 'booting');
    expect(wipesOf(on, 'cp-1')['cp-1-disk-0']).toBe(1);
  });

  it('comes back in maintenance mode, installed and without a config, when that is its fault', async () => {
    const on = await start({ net: 85, faults: { 'cp-1': [{ kind: 'back-in-maintenance', times: 1 }] } });
    on.rack.powerOn();
    await on.install('cp-1');
    const observed = await on.eventually(async () => {
      const seen = await observeTalos({ address: on.leased('cp-1') });
      if (seen.systemDisk === undefined) throw new Error('not yet');
      return seen;
    });
    expect(observed).toMatchObject({ mode: 'maintenance', stage: 'maintenance', systemDisk: 'nvme0n1' });
  });

  it('writes no disk of a machine that has an old Talos on one, as Talos does not', async () => {
    const on = await start({ net: 85, faults: { 'cp-1': [{ kind: 'back-in-maintenance', times: 1 }] } });
    on.rack.powerOn();
    await on.install('cp-1');
    await on.eventually(async () => expect(on.rack.statistics().machines.get('cp-1')!.maintenanceBoots).toBe(2));
    await on.eventually(() => observeTalos({ address: on.leased('cp-1') }));
    await on.install('cp-1');
    await stage(on, 'cp-1', 'installing');
    expect(wipesOf(on, 'cp-1')['cp-1-disk-0']).toBe(1);
  });

  it.each(['http', 'tftp'] as const)('boots over %s although a tenth of its datagrams is lost', async (transport) => {
    const on = await start({ net: 86, transport, faults: { 'cp-1': [{ kind: 'lossy', rate: 0.1 }] } });
    on.rack.powerOn();
    await on.eventually(() => observeTalos({ address: on.leased('cp-1') }));
    expect(on.rack.statistics().machines.get('cp-1')).toMatchObject({ networkBoots: 1, maintenanceBoots: 1 });
  });

  it('does not stand where another rack stands', async () => {
    await start({ net: 79 });
    await expect(startLab({ net: 79 })).rejects.toThrow('stands on');
  });

  it('never hears of a dead machine, and a held one gets nothing and has nothing to boot', async () => {
    const on = await start({ net: 87, workers: 2, faults: { 'node-1': [{ kind: 'dead' }] } });
    on.decide('node-2', 'hold');
    on.rack.powerOn();
    await on.eventually(() => observeTalos({ address: on.leased('cp-1') }));
    await on.eventually(async () =>
      expect(on.events.some((event) => JSON.stringify(event).includes('told so'))).toBe(true),
    );
    const { machines } = on.rack.statistics();
    expect(machines.get('node-1')).toMatchObject({ powerOns: 1, talosBoots: 0 });
    expect(machines.get('node-2')).toMatchObject({ networkBoots: 0, talosBoots: 0 });
    expect(JSON.stringify(on.events)).not.toContain(':57:00:20');
  });
});
