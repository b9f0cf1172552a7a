import { gzipSync } from 'node:zlib';
import { create } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { millis } from '../core/millis.ts';
import { VirtualClock } from '../test/fakes/virtual-clock.ts';
import { type CertificateAndKey, createAuthority } from './certificate.ts';
import { createAdminKeys } from './client-certificate.ts';
import { DataSchema } from './gen/common/common_pb.ts';
import { EventSchema } from './gen/machine/event_pb.ts';
import {
  ApplyConfigurationResponseSchema,
  EtcdMemberListResponseSchema,
  ApplyConfigurationRequest_Mode as Mode,
  ServiceListResponseSchema,
  VersionResponseSchema,
} from './gen/machine/machine_pb.ts';
import { RebootResponseSchema } from './gen/machine/power_pb.ts';
import { connectTalos, type TalosClient } from './talos-client.ts';
import type { TalosKeys } from './talos-keys.ts';
import { serveTalos, type TalosServer, type TalosServerOptions } from './testing/serve-talos.ts';
import { trueRandom } from './testing/true-random.ts';

/** OpenSSL judges certificates by the real time. */
const clock = Object.assign(new VirtualClock(), { now: () => new Date() });
const ports = { clock, random: trueRandom };
const secret = 'top.secret.token';
const largestId = 2n ** 64n - 1n;

/** The tar header and file of a kubeconfig of 3 bytes. */
const archive = Buffer.alloc(515);
archive.write('00000000003\0', 124);
archive.write('k8s', 512);

const machine: TalosServerOptions['machine'] = {
  applyConfiguration: ({ request: { data, mode } }, answer) => {
    const text = Buffer.from(data).toString();
    if (text.includes('refuse me')) {
      answer({ code: status.INVALID_ARGUMENT, details: `unknown keys found:\n${text}` });
      return;
    }
    const used = mode === Mode.AUTO ? Mode.NO_REBOOT : mode;
    answer(null, create(ApplyConfigurationResponseSchema, { messages: [{ warnings: ['careful'], mode: used }] }));
  },
  bootstrap: (_, answer) => answer({ code: status.ALREADY_EXISTS, details: 'etcd data directory is not empty' }),
  etcdMemberList: (_, answer) =>
    answer(
      null,
      create(EtcdMemberListResponseSchema, {
        messages: [{ members: [{ id: largestId, hostname: 'node-1', peerUrls: ['https://10.0.0.11:2380'] }] }],
      }),
    ),
  kubeconfig: (call) => {
    const bytes = gzipSync(archive);
    call.write(create(DataSchema, { bytes: bytes.subarray(0, 10) }));
    call.write(create(DataSchema, { bytes: bytes.subarray(10) }));
    call.end();
  },
  serviceList: (_, answer) =>
    answer(
      null,
      create(ServiceListResponseSchema, {
        messages: [
          {
            services: [
              { id: 'etcd', state: 'Preparing', events: { events: [{ msg: 'first' }, { msg: 'Running pre state' }] } },
              { id: 'apid', state: 'Running', health: { healthy: true } },
              { id: 'udevd', state: 'Running', health: { unknown: true } },
            ],
          },
        ],
      }),
    ),
  version: (_, answer) =>
    answer(null, create(VersionResponseSchema, { messages: [{ version: { tag: 'v1.13.9', arch: 'amd64' } }] })),
};

const anAddress = { data: { typeUrl: 'talos/runtime/machine.AddressEvent', value: new Uint8Array() } };

describe('connectTalos', () => {
  let authority: CertificateAndKey;
  let foreignKeys: TalosKeys;
  let server: TalosServer;
  let client: TalosClient;

  beforeAll(async () => {
    authority = await createAuthority({ kind: 'ed25519', organization: 'talos' }, ports);
    const foreign = await createAuthority({ kind: 'ed25519', organization: 'talos' }, ports);
    foreignKeys = await createAdminKeys({ osCa: foreign }, ports);
    const keys = await createAdminKeys({ osCa: authority }, ports);
    server = await serveTalos({
      authority,
      demandsClientCertificate: true,
      clock,
      machine,
      resources: [
        { type: 'MachineStatuses.runtime.talos.dev', id: 'machine', yaml: 'stage: running\n' },
        { type: 'Disks.block.talos.dev', id: 'sda', yaml: 'serial: S1\n' },
        { type: 'Disks.block.talos.dev', id: 'sdb', yaml: '{ not: [yaml' },
      ],
      unknownTypes: ['BootIDs.runtime.talos.dev'],
    });
    client = connectTalos({ address: '127.0.0.1', port: server.port, keys });
  });

  afterAll(() => {
    client.close();
    server.close();
  });

  it('reads one resource, and nothing where there is none', async () => {
    const kind = { namespace: 'runtime', type: 'MachineStatuses.runtime.talos.dev' };
    expect(await client.cosiGet({ ...kind, id: 'machine' })).toMatchObject({
      id: 'machine',
      spec: { stage: 'running' },
    });
    expect(await client.cosiGet({ ...kind, id: 'nobody' })).toBeUndefined();
  });

  it('refuses a list with a resource that is not well-formed, and one of a type that Talos does not have', async () => {
    const namespace = 'runtime';
    await expect(client.cosiList({ namespace, type: 'Disks.block.talos.dev' })).rejects.toMatchObject({
      code: 'talos/garbled',
    });
    await expect(client.cosiList({ namespace, type: 'BootIDs.runtime.talos.dev' })).rejects.toMatchObject({
      code: 'talos/not-supported',
    });
  });

  it('tells which mode Talos used to apply a config', async () => {
    expect(await client.applyConfiguration({ config: 'version: v1alpha1\n', mode: 'AUTO' })).toEqual({
      mode: 'NO_REBOOT',
      details: '',
      warnings: ['careful'],
    });
  });

  it('quotes why Talos refuses a config, without the secrets in it', async () => {
    const config = `machine:\n  token: ${secret}\n  typo: refuse me\n`;
    const refusal = client.applyConfiguration({ config, mode: 'AUTO' });
    await expect(refusal).rejects.toMatchObject({
      code: 'talos/refused',
      message: expect.stringContaining('typo: refuse me') as string,
    });
    await expect(refusal).rejects.not.toMatchObject({ message: expect.stringContaining(secret) as string });
  });

  it('tells a second bootstrap from a failed one', async () => {
    await expect(client.bootstrap()).rejects.toMatchObject({ code: 'talos/already-exists', kind: 'operator' });
  });

  it('keeps all 64 bits of the id of an etcd member', async () => {
    expect(await client.etcdMembers()).toEqual([
      { id: largestId, hostname: 'node-1', peerUrls: ['https://10.0.0.11:2380'], clientUrls: [], isLearner: false },
    ]);
  });

  it('says of each service in what state it is and what was last heard of it', async () => {
    expect(await client.services()).toEqual([
      { id: 'etcd', state: 'Preparing', lastMessage: 'Running pre state' },
      { id: 'apid', state: 'Running', isHealthy: true, lastMessage: '' },
      { id: 'udevd', state: 'Running', lastMessage: '' },
    ]);
  });

  it('reads the version, and the kubeconfig from its pieces', async () => {
    expect(await client.version()).toEqual({ tag: 'v1.13.9', arch: 'amd64', platform: '' });
    expect(await client.kubeconfig()).toBe('k8s');
  });

  it('does not believe a machine whose certificate another authority signed', async () => {
    const stranger = connectTalos({ address: '127.0.0.1', port: server.port, keys: foreignKeys });
    await expect(stranger.version()).rejects.toMatchObject({ code: 'talos/foreign-certificate', kind: 'operator' });
    stranger.close();
  });

  it('does not believe a machine whose certificate names another address', async () => {
    const keys = await createAdminKeys({ osCa: authority }, ports);
    const other = await serveTalos({
      authority,
      demandsClientCertificate: true,
      certifiedAddress: '10.0.0.99',
      clock,
      machine,
    });
    const elsewhere = connectTalos({ address: '127.0.0.1', port: other.port, keys });
    await expect(elsewhere.version()).rejects.toMatchObject({
      code: 'talos/other-node',
      kind: 'environment',
      message: expect.stringContaining("127.0.0.1 is not in the cert's list: 10.0.0.99") as string,
    });
    other.close();
    elsewhere.close();
  });

  it('says that a certificate is required when it has none', async () => {
    const nobody = connectTalos({ address: '127.0.0.1', port: server.port });
    await expect(nobody.version()).rejects.toMatchObject({ code: 'talos/certificate-required', kind: 'operator' });
    nobody.close();
  });

  it('takes a closed port for a machine that may yet come', async () => {
    const absent = connectTalos({ address: '127.0.0.1', port: 1 });
    await expect(absent.version()).rejects.toMatchObject({ code: 'talos/unreachable', kind: 'environment' });
    absent.close();
  });

  it('ends a call at the signal of its caller', async () => {
    const signal = AbortSignal.abort();
    await expect(client.version({ signal })).rejects.toMatchObject({ code: 'talos/cancelled', kind: 'environment' });
    await expect(client.kubeconfig({ signal })).rejects.toMatchObject({ code: 'talos/cancelled' });
  });

  it('ends what is under way when it is closed, and makes no call after that', async () => {
    const asked = Promise.withResolvers<true>();
    const silent = await serveTalos({
      authority,
      demandsClientCertificate: false,
      clock,
      machine: {
        version: () => asked.resolve(true),
        events: (call) => void call.write(create(EventSchema, anAddress)),
      },
    });
    const closing = connectTalos({ address: '127.0.0.1', port: silent.port });
    const events = closing.events();
    await events.next();
    const underWay = [closing.version(), events.next()];
    await asked.promise;
    closing.close();
    for (const call of [...underWay, closing.version(), closing.kubeconfig()]) {
      await expect(call).rejects.toMatchObject({ code: 'talos/cancelled' });
    }
    silent.close();
  });

  it('ends a call that is not answered at its deadline', async () => {
    const silent = await serveTalos({
      authority,
      demandsClientCertificate: false,
      clock,
      machine: { version: () => undefined },
    });
    const waiting = connectTalos({ address: '127.0.0.1', port: silent.port });
    await expect(waiting.version({ deadline: millis(1) })).rejects.toMatchObject({
      code: 'talos/unreachable',
      message: expect.stringContaining('no answer in time') as string,
    });
    waiting.close();
    silent.close();
  });

  it('refuses to try a config in maintenance mode, where Talos would install and forget it', async () => {
    const nobody = connectTalos({ address: '127.0.0.1', port: 1 });
    const attempt = nobody.applyConfiguration({ config: 'machine: {}', mode: 'TRY' });
    await expect(attempt).rejects.toMatchObject({ code: 'talos/refused' });
    nobody.close();
  });

  describe('a stream', () => {
    const quiet: TalosServerOptions['machine'] = {
      // One piece, and then nothing for ever.
      read: (call) => void call.write(create(DataSchema, { bytes: Buffer.from('piece') })),
      events: () => undefined,
      etcdSnapshot: (call) => {
        call.write(create(DataSchema, { bytes: Buffer.from('half') }));
        call.emit('error', { code: status.UNAVAILABLE, details: 'etcdserver: leader changed' });
      },
    };
    let silent: TalosServer;
    let waiting: TalosClient;
    beforeAll(async () => {
      silent = await serveTalos({ authority, demandsClientCertificate: false, clock, machine: quiet });
      waiting = connectTalos({ address: '127.0.0.1', port: silent.port });
    });
    afterAll(() => {
      waiting.close();
      silent.close();
    });
    const late = { code: 'talos/unreachable', message: expect.stringContaining('no answer in time') as string };

    it('that falls silent in the middle is a fault', async () => {
      const pieces = waiting.readFile('/x', { deadline: millis(100) });
      await expect(Array.fromAsync(pieces)).rejects.toMatchObject(late);
    });

    it('that never begins is a fault, also one that would never end', async () => {
      await expect(waiting.events({}, { deadline: millis(1) }).next()).rejects.toMatchObject(late);
    });

    it('that breaks off is a fault after what came before', async () => {
      const seen: string[] = [];
      const read = async () => {
        for await (const piece of waiting.etcdSnapshot()) seen.push(Buffer.from(piece).toString());
      };
      await expect(read()).rejects.toMatchObject({ code: 'talos/unreachable', kind: 'environment' });
      expect(seen).toEqual(['half']);
    });

    it('ends at the signal of its caller, also while nothing comes', async () => {
      const leave = new AbortController();
      const pieces = waiting.readFile('/x', { signal: leave.signal });
      await pieces.next();
      const next = pieces.next();
      leave.abort();
      await expect(next).rejects.toMatchObject({ code: 'talos/cancelled' });
    });
  });

  describe('through several control planes', () => {
    const asked: string[] = [];
    const endpoint = (name: string, answer: 'well' | 'badly' | 'never') =>
      serveTalos({
        authority,
        demandsClientCertificate: true,
        clock,
        machine: {
          reboot: (call, reply) => {
            asked.push(`${name} for ${call.metadata.get('node').join()}`);
            if (answer === 'well') reply(null, create(RebootResponseSchema, { messages: [{ actorId: name }] }));
            if (answer === 'badly') reply({ code: status.UNAVAILABLE, details: 'connection reset by the machine' });
          },
        },
      });
    let servers: TalosServer[] = [];
    const through = async (...ways: (TalosServer | number)[]) => {
      servers = ways.filter((one) => typeof one !== 'number');
      asked.length = 0;
      const via = ways.map((one) => ({ address: '127.0.0.1', port: typeof one === 'number' ? one : one.port }));
      return connectTalos({ address: '10.0.0.12', keys: await createAdminKeys({ osCa: authority }, ports), via });
    };
    afterEach(() => {
      for (const server of servers) server.close();
    });

    it('asks the next one when the call could not be sent to the first, and begins with it the next time', async () => {
      const routed = await through(1, await endpoint('second', 'well'));
      expect([await routed.reboot(), await routed.reboot()]).toEqual(['second', 'second']);
      expect(asked).toEqual(['second for 10.0.0.12', 'second for 10.0.0.12']);
      routed.close();
    });

    it('does nothing twice: a call that has left is not made again', async () => {
      const routed = await through(await endpoint('first', 'badly'), await endpoint('second', 'well'));
      await expect(routed.reboot()).rejects.toMatchObject({
        code: 'talos/unreachable',
        message: expect.stringContaining('10.0.0.12') as string,
      });
      expect(asked).toEqual(['first for 10.0.0.12']);
      routed.close();
    });

    it('turns away from one that is silent', async () => {
      const routed = await through(await endpoint('first', 'never'), await endpoint('second', 'well'));
      await expect(routed.reboot('DEFAULT', { deadline: millis(300) })).rejects.toMatchObject({
        code: 'talos/unreachable',
      });
      expect(await routed.reboot()).toBe('second');
      routed.close();
    });

    it('gives the fault of the last one when none can be reached', async () => {
      const routed = await through(1, 2);
      await expect(routed.reboot()).rejects.toMatchObject({ code: 'talos/unreachable', kind: 'environment' });
      routed.close();
    });
  });
});
