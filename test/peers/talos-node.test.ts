import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority } from '../../talos/certificate.ts';
import { connectTalos, createAdminKeys, readVitals, renderMachineConfig, type TalosKeys } from '../../talos/index.ts';
import { exampleRequest } from '../../talos/testing/example-request.ts';
import { fakeSecrets } from '../../talos/testing/fake-secrets.ts';
import { observeTalos } from '../../talos/testing/observe-talos.ts';
import { address, type Node, ports, startTalosNode } from './start-talos-node.ts';

describe("our Talos client against Go's TLS and gRPC, Talos' stubs and COSI's State server", () => {
  let maintenance: Node;
  let configured: Node;
  let keys: TalosKeys;
  let strangersKeys: TalosKeys;

  beforeAll(async () => {
    const authority = await createAuthority({ kind: 'ed25519', organization: 'talos' }, ports);
    const other = await createAuthority({ kind: 'ed25519', organization: 'talos' }, ports);
    keys = await createAdminKeys({ osCa: authority }, ports);
    strangersKeys = await createAdminKeys({ osCa: other }, ports);
    maintenance = await startTalosNode(authority, false);
    configured = await startTalosNode(authority, true);
  });
  afterAll(() => Promise.all([maintenance, configured].map((node) => node.stop())));

  it('reads a machine in maintenance mode', async () => {
    const observation = await observeTalos({ address, port: maintenance.port });
    expect(observation).toMatchObject({
      mode: 'maintenance',
      stage: 'booting',
      isReady: false,
      unmetConditions: ['services: etcd not ready'],
      version: 'v1.13.9',
      uuid: '4c4c4544-0051-3010-8051-b4c04f5a3332',
      addresses: [{ link: 'enp1s0', cidr: '10.0.0.51/24' }],
      systemDisk: 'sda',
    });
    expect(observation.bootMark).toMatch(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
    expect(observation.links.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual([
      { name: 'bond0', mac: '52:54:00:00:00:01', isUp: false, isPhysical: false },
      {
        name: 'enp1s0',
        mac: '52:54:00:00:00:01',
        isUp: true,
        isPhysical: true,
        speedMbit: 25_000,
        duplex: 'full',
        driver: 'mlx5_core',
        mtu: 9000,
      },
    ]);
    expect(observation.hardware).toEqual({
      system: { vendor: 'Supermicro', serial: '0123456' },
      processors: [{ socket: 'CPU 1', model: 'AMD EPYC 9354P', cores: 32, threads: 64 }],
      memory: { totalMiB: 65_536, modules: [{ slot: 'DIMM A1', sizeMiB: 65_536, speedMTs: 4800 }] },
      firmwareMode: 'uefi',
      secureBoot: true,
    });
    expect(observation.image).toEqual({ schematic: '0a1b', extensions: ['drbd'] });
    expect(observation.unknown?.map(({ fact }) => fact)).toEqual(['neighbours']);
    expect(observation.leftovers).toEqual([
      { disk: 'sda', partition: 'sda4', label: 'EPHEMERAL', mayHold: 'etcd and containers' },
    ]);
    expect(observation.disks.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual([
      {
        name: 'nvme0n1',
        path: '/dev/nvme0n1',
        sizeBytes: 480n << 30n,
        serial: '1e5',
        transport: 'nvme',
        rotational: false,
        readOnly: false,
        signatures: [],
        contents: [],
      },
      {
        name: 'sda',
        path: '/dev/sda',
        sizeBytes: (1n << 53n) - 512n,
        model: 'ST',
        serial: '0123',
        wwid: 'naa.5000c500a1b2c3d4',
        transport: 'sata',
        rotational: true,
        readOnly: false,
        signatures: ['gpt', 'xfs on sda4 (EPHEMERAL)'],
        contents: [
          { kind: 'partition-table', on: 'sda', format: 'gpt' },
          { kind: 'filesystem', on: 'sda4', format: 'xfs', label: 'EPHEMERAL' },
        ],
        layout: [
          { on: 'sda', format: 'gpt', offsetBytes: 0, sizeBytes: 0 },
          {
            on: 'sda4',
            format: 'xfs',
            offsetBytes: 2 ** 30,
            sizeBytes: 16 * 2 ** 30,
            partition: { index: 4, label: 'EPHEMERAL' },
          },
        ],
      },
    ]);
  });

  it('tells at every attempt that a machine is configured, and whose it is', async () => {
    const { port } = configured;
    for (let attempt = 0; attempt < 20; attempt++) {
      await expect(observeTalos({ address, port })).rejects.toMatchObject({ code: 'talos/configured-by-others' });
    }
    await expect(observeTalos({ address, port, keys: strangersKeys })).rejects.toMatchObject({
      code: 'talos/foreign-certificate',
    });
    expect(await observeTalos({ address, port, keys })).toMatchObject({ mode: 'configured', version: 'v1.13.9' });
  });

  it('calls every method with messages that Go understands, and understands its answers', async () => {
    const client = connectTalos({ address, port: configured.port, keys });
    try {
      expect(await client.version()).toEqual({ tag: 'v1.13.9', arch: 'amd64', platform: 'metal' });
      expect(await client.etcdMembers()).toEqual([
        {
          id: 2n ** 64n - 1n,
          hostname: 'node-1',
          peerUrls: ['https://10.0.0.11:2380'],
          clientUrls: [],
          isLearner: true,
        },
      ]);
      expect(await client.services()).toEqual([{ id: 'etcd', state: 'Preparing', lastMessage: 'Running pre state' }]);
      expect(await client.kubeconfig()).toBe('apiVersion: v1\nkind: Config\n');
      await expect(client.bootstrap()).rejects.toMatchObject({ code: 'talos/not-ready', kind: 'environment' });
      const nobody = { namespace: 'runtime', type: 'MachineStatuses.runtime.talos.dev', id: 'nobody' };
      expect(await client.cosiGet(nobody)).toBeUndefined();
    } finally {
      client.close();
    }
  });

  it('reads what runs on a machine: services, static pods by what their kubelet says, and diagnostics', async () => {
    const client = connectTalos({ address, port: configured.port, keys });
    const { services, staticPods, diagnostics } = await readVitals(client).finally(() => client.close());
    expect(services).toEqual([{ id: 'etcd', state: 'Preparing', lastMessage: 'Running pre state' }]);
    expect(staticPods.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual([
      { name: 'kube-system/kube-apiserver' },
      { name: 'kube-system/kube-controller-manager', problem: 'its kubelet has not started it' },
      {
        name: 'kube-system/kube-scheduler',
        problem: 'is not ready: containers with unready status: [kube-scheduler]',
      },
    ]);
    expect(diagnostics).toEqual([
      'host and pod networks overlap (10.0.0.0/24), see talos.dev/diagnostic/address-overlap',
    ]);
  });

  it('applies a config, and hides its secrets when Talos quotes it in a refusal', async () => {
    const client = connectTalos({ address, port: maintenance.port });
    const config = renderMachineConfig(exampleRequest('worker'));
    try {
      expect(await client.applyConfiguration({ config, mode: 'AUTO' })).toEqual({
        mode: 'NO_REBOOT',
        details: '',
        warnings: ['a warning'],
      });
      const unknown = config.replace('  token:', '  tokens: x\n  token:').replace('kubelet:', 'kubelets:');
      const misplaced = unknown.replace('cluster:\n', `cluster:\n  secretly: ${fakeSecrets.clusterSecret}\n`);
      const refusal = client.applyConfiguration({ config: misplaced, mode: 'AUTO' });
      await expect(refusal).rejects.toMatchObject({
        code: 'talos/refused',
        message: expect.stringMatching(/unknown keys[^]*secretly: \(secret\)/) as string,
      });
    } finally {
      client.close();
    }
  });
});
