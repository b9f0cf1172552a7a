import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { nodeWorld } from '../../bin/node-world.ts';
import type { StampedEvent } from '../../core/event.ts';
import { minutes } from '../../core/millis.ts';
import type { Plan } from '../../core/step.ts';
import { parseOverride } from '../../installer/checks/override.ts';
import { loadRackFile } from '../../installer/index.ts';
import { installPlan } from '../../installer/install-plan.ts';
import type { RackOptions } from '../../installer/open-rack.ts';
import { prepareInstall } from '../../installer/prepare-install.ts';
import { runOnRack } from '../../installer/run-on-rack.ts';
import { runInstall } from '../../installer/run-up.ts';
import { connectTalos, parseTalosconfig, type TalosKeys } from '../../talos/index.ts';
import { observeTalos } from '../../talos/testing/observe-talos.ts';
import { scaledClock } from '../lab/scaled-clock.ts';
import { buildGo } from './build-go.ts';
import { type InstallingNode, startInstallingNode } from './start-installing-node.ts';

const address = '127.106.200.11';
const speed = 5;
/** The Go node has no Kubernetes behind it: the path is followed until its kubeconfig is written. */
const untilKubeconfig = (plan: Plan): Plan => plan.filter(({ id }) => !/^(kubernetes-api$|nodes$|flux\/)/.test(id));

const rackFile = {
  apiVersion: 'rackwright.dev/v1alpha1',
  kind: 'Rack',
  name: 'peer',
  talos: { version: 'v1.13.9', installer: 'registry.example/siderolabs/installer' },
  kubernetes: { version: 'v1.34.1' },
  network: { interface: 'lo', subnet: '127.0.0.0/8', vip: '127.106.200.10' },
  boot: {
    uki: { amd64: 'talos.efi' },
    ports: { dhcp: 20_206, proxyDhcp: 21_206, tftp: 22_206, http: 23_206 },
  },
  cluster: { cni: 'none' },
  machines: [
    {
      name: 'cp-1',
      role: 'controlplane',
      mac: '52:54:00:00:00:01',
      address,
      disk: { transport: 'nvme', maxSizeGB: 600 },
    },
  ],
  flux: {
    manifest: resolve('test/lab/flux-install.yaml'),
    source: { kind: 'OCIRepository', url: 'oci://registry.example/peer', tag: 'latest', path: './' },
  },
};

describe("the install's path on a node of Go's TLS and gRPC and Talos' own machinery", () => {
  let folder: string;
  let node: InstallingNode;
  const events: StampedEvent[] = [];

  const up = async () => {
    const file = 'rack.yaml';
    const text = await readFile(join(folder, file), 'utf8');
    const never = new AbortController().signal;
    const options: RackOptions = {
      rackFile: await loadRackFile({ file, text, directory: folder }, nodeWorld.files),
      directory: folder,
      stateDirectory: join(folder, 'state'),
      cacheDirectory: join(folder, 'cache'),
      identityPath: join(folder, 'age.key'),
      command: 'rackwright up rack.yaml',
      resumeCommand: 'rackwright up rack.yaml',
      readOnly: false,
      writer: { fence: () => 1, isCurrent: async () => true, raise: async () => undefined },
      retry: [],
      emit: (event) => events.push({ ...event, at: new Date().toISOString() }),
      pause: never,
      stop: never,
    };
    const ports = {
      ...nodeWorld,
      host: { ...nodeWorld.host, isClockSynchronized: async () => true },
      clock: scaledClock(nodeWorld.clock, speed),
      askHttp: async () => ({ status: 200, headers: {}, text: '' }),
    };
    const overrides = [parseOverride('network-between=the clock of this test runs fast', ['cp-1'])];
    return runOnRack(options, ports, () => ({
      steps: async (open) => untilKubeconfig(installPlan(await open.site(new Map()))),
      work: async (open) => {
        const prepared = await prepareInstall(open, {
          overrides,
          discoveryTimeout: minutes(2),
          planOf: (site) => untilKubeconfig(installPlan(site)),
        });
        if ('early' in prepared) return prepared.early;
        return runInstall(open, prepared, { yes: true, confirm: [], ask: async () => 'no' });
      },
    }));
  };
  const done = () => events.flatMap((event) => (event.type === 'step.done' ? [event.step] : []));

  beforeAll(async () => {
    await buildGo('talos-node');
    folder = await mkdtemp(join(tmpdir(), 'rackwright-peer-'));
    await writeFile(join(folder, 'rack.yaml'), stringify(rackFile));
    await writeFile(join(folder, 'talos.efi'), 'UKI');
    await nodeWorld.files.makeDirectory(join(folder, 'state'), 0o700);
    node = await startInstallingNode(address);
  });
  afterAll(async () => {
    await node.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('goes from maintenance mode to a kubeconfig', async () => {
    expect(await observeTalos({ address })).toMatchObject({ mode: 'maintenance', stage: 'maintenance' });
    const exitCode = await up();
    const last = events.at(-1);
    expect([exitCode, last?.type === 'run.finished' ? last.fault : undefined]).toEqual([0, undefined]);
    expect(done().slice(0, 5)).toEqual(['discover/cp-1', 'secrets', 'talosconfig', 'install/cp-1', 'bootstrap-etcd']);
    expect(done().slice(5).sort()).toEqual(['etcd-health', 'health/cp-1', 'join-etcd', 'kubeconfig']);
  });

  it('left a machine that runs from the one disk of the plan, and lets in only holders of our keys', async () => {
    await expect(observeTalos({ address })).rejects.toMatchObject({ code: 'talos/configured-by-others' });
    const [context] = parseTalosconfig(await readFile(join(folder, 'peer.talosconfig'), 'utf8')).contexts;
    const keys = context?.keys as TalosKeys;
    expect(await observeTalos({ address, keys })).toMatchObject({
      mode: 'configured',
      stage: 'running',
      systemDisk: 'nvme0n1',
    });
    const client = connectTalos({ address, keys });
    try {
      expect(await client.etcdMembers()).toMatchObject([{ hostname: 'cp-1', isLearner: false }]);
      await expect(client.bootstrap()).rejects.toMatchObject({ code: 'talos/already-exists' });
    } finally {
      client.close();
    }
  });

  it('wrote a kubeconfig that Go has signed with the authority of the config, for its owner alone', async () => {
    const path = join(folder, 'peer.kubeconfig');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const { clusters, users } = parse(await readFile(path, 'utf8')) as {
      clusters: { cluster: Record<string, string> }[];
      users: { user: Record<string, string> }[];
    };
    const certificate = (encoded = '') => new X509Certificate(Buffer.from(encoded, 'base64'));
    const authority = certificate(clusters[0]?.cluster['certificate-authority-data']);
    const client = certificate(users[0]?.user['client-certificate-data']);
    expect(clusters[0]?.cluster['server']).toBe('https://127.106.200.10:6443');
    expect([client.verify(authority.publicKey), client.subject]).toEqual([true, 'O=system:masters\nCN=admin']);
  });

  it('finds everything done when it runs again, and has applied and bootstrapped once in all', async () => {
    events.length = 0;
    expect(await up()).toBe(0);
    expect(events.filter(({ type }) => type === 'step.started')).toEqual([]);
    const heard = await node.stop();
    const count = (name: string) => heard.filter(({ call }) => call === `/machine.MachineService/${name}`).length;
    // The second bootstrap is that of the test above, which was refused.
    expect([count('ApplyConfiguration'), count('Bootstrap')]).toEqual([1, 2]);
  });
});
