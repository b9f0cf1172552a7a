import { create } from '@bufbuild/protobuf';
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeClock } from '../../bin/platform/node-clock.ts';
import { nodeRandom } from '../../bin/platform/node-random.ts';
import { EventType, State, WatchRequestSchema, type WatchResponse } from '../../talos/gen/cosi/resource/state_pb.ts';
import {
  ApplyConfigurationRequestSchema,
  MachineService,
  ApplyConfigurationRequest_Mode as Mode,
} from '../../talos/gen/machine/machine_pb.ts';
import { grpcMethod } from '../../talos/grpc-service.ts';
import { createAdminKeys, createAuthority } from '../../talos/index.ts';
import { observeTalos } from '../../talos/testing/observe-talos.ts';
import { type Lab, startLab } from './lab.fixture.ts';

/** A bare gRPC client of a node in maintenance mode, for what the room talos/ does not ask. */
const bare = (address: string) =>
  new Client(`ipv4:${address}:50000`, credentials.createSsl(null, null, null, { rejectUnauthorized: false }), {
    'grpc.ssl_target_name_override': 'talos',
  });

describe.each(['v1.12.11', 'v1.13.9'])('the API of a node with Talos %s', (talosVersion) => {
  const isOld = talosVersion.startsWith('v1.12');
  let lab: Lab;
  let client: Client;
  beforeAll(async () => {
    lab = await startLab({ net: isOld ? 90 : 91, talosVersion, workers: 1 });
    lab.rack.powerOn();
    client = bare(lab.leased('cp-1'));
    await lab.eventually(() => observeTalos({ address: lab.leased('cp-1') }));
  });
  afterAll(async () => {
    client.close();
    await lab.close();
  });

  const apply = (config: string, mode: Mode) =>
    new Promise<ServiceError | undefined>((resolve) => {
      const { path, requestSerialize, responseDeserialize } = grpcMethod(MachineService.method.applyConfiguration);
      const request = create(ApplyConfigurationRequestSchema, { data: Buffer.from(config), mode });
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error) =>
        resolve(error ?? undefined),
      );
    });

  const watch = (type: string, id: string | undefined, wanted: number) =>
    new Promise<WatchResponse[]>((resolve, reject) => {
      const { path, requestSerialize, responseDeserialize } = grpcMethod(State.method.watch);
      const request = create(WatchRequestSchema, {
        namespace: 'runtime',
        type,
        apiVersion: 1,
        ...(id === undefined ? { options: { bootstrapContents: true } } : { id }),
      });
      const call = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request);
      const seen: WatchResponse[] = [];
      call.on('data', (message: WatchResponse) => {
        seen.push(message);
        if (seen.length < wanted) return;
        call.cancel();
        resolve(seen);
      });
      call.on('error', reject);
    });

  it('tells a stranger its hardware and nothing sensitive', async () => {
    const maintenance = lab.client(lab.leased('cp-1'));
    const read = (namespace: string, type: string) => maintenance.cosiList({ namespace, type });
    expect(await read('hardware', 'SystemInformations.hardware.talos.dev')).toHaveLength(1);
    for (const type of ['MachineConfigs.config.talos.dev', 'OSRootSecrets.secrets.talos.dev', 'Nonsense.talos.dev']) {
      await expect(read('config', type)).rejects.toThrow();
    }
    expect(
      await maintenance.cosiGet({ namespace: 'runtime', type: 'SystemDisks.block.talos.dev', id: 'system-disk' }),
    ).toBe(undefined);
  });

  it(
    isOld ? 'knows hardly any method in maintenance mode' : 'answers readers in maintenance mode, and only readers',
    async () => {
      const maintenance = lab.client(lab.leased('cp-1'));
      if (isOld) await expect(maintenance.version()).rejects.toMatchObject({ code: 'talos/not-supported' });
      else expect((await maintenance.version()).tag).toBe(talosVersion);
      await expect(maintenance.bootstrap()).rejects.toThrow();
      expect(lab.rack.statistics().bootstraps).toBe(0);
    },
  );

  it('begins every watch with a message without events, and shows what is not there as a tombstone', async () => {
    const [empty, first] = await watch('SystemDisks.block.talos.dev', 'system-disk', 2);
    expect(empty!.event).toEqual([]);
    expect(first!.event[0]).toMatchObject({ eventType: EventType.DESTROYED });
    expect(first!.event[0]!.resource?.spec?.yamlSpec ?? '').toBe('');
    const all = await watch('Disks.block.talos.dev', undefined, 5);
    expect(all.flatMap(({ event }) => event.map((one) => [one.eventType, one.resource?.metadata?.id]))).toEqual([
      [EventType.CREATED, 'loop0'],
      [EventType.CREATED, 'nvme0n1'],
      [EventType.CREATED, 'nvme1n1'],
      [EventType.BOOTSTRAPPED, undefined],
    ]);
  });

  it('refuses configs that would not install, and stays as it is', async () => {
    const good = await lab.config('cp-1');
    for (const bad of [
      'machine: {}',
      good.replace('serial: cp-1-disk-0', 'serial: cp-9-disk-0'),
      good.replace('type: controlplane', 'type: worker'),
      good.replace('kind: HostnameConfig', 'kind: HostNameConfig'),
      good.replace('debug: false', 'debugging: false'),
      `${good}---\nnot: [closed`,
    ]) {
      expect(bad).not.toBe(good);
      expect(await apply(bad, Mode.AUTO)).toMatchObject({ code: status.INVALID_ARGUMENT });
    }
    expect((await apply(good, Mode.STAGED))?.code).toBe(isOld ? status.UNIMPLEMENTED : undefined);
    expect((await observeTalos({ address: lab.leased('cp-1') })).stage).toBe('maintenance');
  });

  it('lets nobody in without a certificate of its cluster once it is configured', async () => {
    await lab.install('cp-1');
    await lab.install('node-1');
    const address = lab.address('cp-1');
    await lab.eventually(async () => {
      await expect(observeTalos({ address })).rejects.toMatchObject({ code: 'talos/configured-by-others' });
    });
    const ports = { clock: nodeClock, random: nodeRandom };
    const osCa = await createAuthority({ kind: 'ed25519', organization: 'talos' }, ports);
    const foreign = await createAdminKeys({ osCa }, ports);
    await expect(lab.client(address, { ...foreign, ca: lab.keys.ca }).version()).rejects.toThrow();
    expect((await lab.eventually(() => lab.client(address, lab.keys).version())).tag).toBe(talosVersion);
    await lab.eventually(() => lab.client(lab.address('node-1'), lab.keys).services());
  });

  it('waits for its bootstrap with etcd in Preparing, and refuses one on a worker', async () => {
    const controlPlane = lab.client(lab.address('cp-1'), lab.keys);
    const services = await lab.eventually(async () => {
      const shown = await controlPlane.services();
      if (shown.every(({ id }) => id !== 'etcd')) throw new Error('not yet');
      return shown;
    });
    expect(services.find(({ id }) => id === 'etcd')).toMatchObject({ state: 'Preparing', isHealthy: false });
    await expect(controlPlane.etcdMembers()).rejects.toThrow();
    await expect(lab.client(lab.address('node-1'), lab.keys).bootstrap()).rejects.toThrow();
    expect(lab.rack.statistics().bootstraps).toBe(0);
  });
});
