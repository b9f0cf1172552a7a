import { connect as connectTls, createSecureContext } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import {
  create,
  type DescMessage,
  type DescMethod,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import { type CallOptions, Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ContainerDriver, ContainerdNamespace } from '../../talos/gen/common/common_pb.ts';
import {
  EventType,
  State,
  type WatchRequestSchema,
  type WatchResponse,
} from '../../talos/gen/cosi/resource/state_pb.ts';
import { LifecycleService } from '../../talos/gen/machine/lifecycle_pb.ts';
import { MachineService, ApplyConfigurationRequest_Mode as Mode } from '../../talos/gen/machine/machine_pb.ts';
import { grpcMethod } from '../../talos/grpc-service.ts';
import type { TalosKeys } from '../../talos/index.ts';
import { opensslPem } from '../../talos/private-key.ts';

/** A node that shows one disk more, or takes one away, when it is told to. */
export interface BehavingNode {
  readonly address: string;
  readonly port: number;
  /** What it lets in; `undefined`: it is in maintenance mode. */
  readonly keys: TalosKeys | undefined;
  /** Of another cluster. */
  readonly strangersKeys: TalosKeys;
  /** Of its maintenance server before 1.13: 4 MiB. */
  readonly largestRequestBytes: number;
  /** An upgrade with this image ends with an exit code other than 0. */
  readonly failingImage?: string;
  changeDisks(): void;
  reboot(): void;
  close(): Promise<void>;
}

const metadataOf = { namespace: 'runtime', type: 'Disks.block.talos.dev' };

/** What every node does, real or not, seen from the wire: whichever lies fails. */
export function describeNode(name: string, start: () => Promise<BehavingNode>): void {
  describe(`a node: ${name}`, () => {
    let node: BehavingNode;
    let client: Client;
    beforeAll(async () => {
      node = await start();
      client = bare(node, node.keys);
    });
    afterAll(async () => {
      client.close();
      await node.close();
    });

    const unary = <Input extends DescMessage, Output extends DescMessage>(
      method: DescMethod & { input: Input; output: Output },
      request: MessageInitShape<Input>,
      options: CallOptions = {},
    ) =>
      new Promise<MessageShape<Output>>((resolve, reject) => {
        const { path, requestSerialize, responseDeserialize } = grpcMethod(method);
        const message = create(method.input, request);
        client.makeUnaryRequest(
          path,
          requestSerialize,
          responseDeserialize,
          message,
          new Metadata(),
          options,
          (error, answer) =>
            error === null && answer !== undefined ? resolve(answer) : reject(error ?? new Error('no answer')),
        );
      });

    /** The first messages of a stream, or all of them with its end. */
    const stream = <Input extends DescMessage, Output extends DescMessage>(
      method: DescMethod & { input: Input; output: Output },
      request: MessageInitShape<Input>,
      count = Number.POSITIVE_INFINITY,
    ) =>
      new Promise<MessageShape<Output>[]>((resolve, reject) => {
        const { path, requestSerialize, responseDeserialize } = grpcMethod(method);
        const call = client.makeServerStreamRequest(
          path,
          requestSerialize,
          responseDeserialize,
          create(method.input, request),
        );
        const seen: MessageShape<Output>[] = [];
        call.on('data', (message: MessageShape<Output>) => {
          seen.push(message);
          if (seen.length < count) return;
          call.cancel();
          resolve(seen);
        });
        call.on('end', () => resolve(seen));
        call.on('error', (error: ServiceError) => {
          if (error.code === status.CANCELLED) resolve(seen);
          else reject(error);
        });
      });

    const codeOf = (promise: Promise<unknown>) =>
      promise.then(
        () => 'OK',
        (error: unknown) => status[(error as ServiceError).code],
      );
    const watch = (request: MessageInitShape<typeof WatchRequestSchema>, count: number) =>
      stream(State.method.watch, { ...metadataOf, ...request }, count);
    const brief = (messages: readonly WatchResponse[]) =>
      messages.map(({ event }) =>
        event.map(({ eventType, resource }) => `${nameOf(eventType)} ${resource?.metadata?.id ?? ''}`.trim()),
      );

    it('speaks HTTP/2 over TLS 1.2 and newer, and tells by TLS alone who gets in', async () => {
      const shake = (options: object) => firstBytes(node, options);
      expect(await shake({ maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' })).toMatch(
        /^refused/,
      );
      // TLS 1.3: the refusal of a client without a certificate comes after the client's side of the handshake.
      const isOpen = node.keys === undefined;
      expect(await shake({})).toMatch(isOpen ? /^h2 served/ : /^refused .*CERTIFICATE_REQUIRED/);
      if (node.keys === undefined) return;
      expect(await shake(secure(node.keys))).toMatch(/^h2 served/);
      expect(await shake(secure(node.strangersKeys))).toMatch(/^refused/);
    });

    it('answers a call that names no node without the metadata of an envelope', async () => {
      if (node.largestRequestBytes < 32 * 2 ** 20) return;
      const { messages } = await unary(MachineService.method.version, {});
      expect(messages).toHaveLength(1);
      expect(messages[0]?.metadata).toBeUndefined();
      expect(messages[0]?.version?.tag).toMatch(/^v1\.\d+\.\d+/);
    });

    it('takes requests up to its limit, and refuses larger ones by name', async () => {
      const apply = (bytes: number) =>
        codeOf(unary(MachineService.method.applyConfiguration, { data: Buffer.alloc(bytes, 'x'), mode: Mode.AUTO }));
      expect(await apply(node.largestRequestBytes - 1024)).toBe('INVALID_ARGUMENT');
      expect(await apply(node.largestRequestBytes + 1024)).toBe('RESOURCE_EXHAUSTED');
    });

    it('has no method and no service that it does not know', async () => {
      const call = (path: string) =>
        codeOf(
          new Promise((resolve, reject) => {
            client.makeUnaryRequest(
              path,
              (b: Buffer) => b,
              (b) => b,
              Buffer.alloc(0),
              (error) => (error === null ? resolve(0) : reject(error)),
            );
          }),
        );
      expect(await call('/machine.MachineService/Nonsense')).toBe('UNIMPLEMENTED');
      expect(await call('/machine.NonsenseService/List')).toBe('UNIMPLEMENTED');
    });

    it('lists resources sorted, with both halves of each spec', async () => {
      const listed = await stream(State.method.list, metadataOf);
      const ids = listed.map(({ resource }) => resource?.metadata?.id ?? '');
      expect(ids.length).toBeGreaterThan(1);
      expect(ids).toEqual([...ids].sort());
      for (const { resource } of listed) {
        expect(resource?.metadata).toMatchObject({
          ...metadataOf,
          phase: 'running',
          version: expect.stringMatching(/^\d+$/) as string,
        });
        expect(resource?.metadata?.created?.seconds).toBeGreaterThan(1_700_000_000n);
        expect(resource?.spec?.yamlSpec).toMatch(/^dev_path: \/dev\//m);
        expect(resource?.spec?.protoSpec.length).toBeGreaterThan(5);
      }
      const [first = ''] = ids;
      const some = await stream(State.method.list, { ...metadataOf, options: { idQuery: { regexp: `^${first}$` } } });
      expect(some.map(({ resource }) => resource?.metadata?.id)).toEqual([first]);
      const got = await unary(State.method.get, { ...metadataOf, id: first });
      expect(got.resource?.metadata?.id).toBe(first);
      expect(await codeOf(unary(State.method.get, { ...metadataOf, id: 'nobody' }))).toBe('NOT_FOUND');
    });

    it('watches one: nothing, then what is there or a tombstone with an empty spec', async () => {
      const [empty, gone] = await watch({ id: 'nobody', apiVersion: 1 }, 2);
      expect(empty?.event).toEqual([]);
      expect(gone?.event).toMatchObject([{ eventType: EventType.DESTROYED }]);
      const { metadata, spec } = gone?.event[0]?.resource ?? {};
      expect(metadata).toMatchObject({ ...metadataOf, id: 'nobody', version: 'undefined', phase: 'running' });
      expect(spec).toMatchObject({ yamlSpec: '', protoSpec: new Uint8Array() });
      const ids = (await stream(State.method.list, metadataOf)).map(({ resource }) => resource?.metadata?.id ?? '');
      expect(brief(await watch({ id: ids[0] ?? '', apiVersion: 1 }, 2))).toEqual([[], [`CREATED ${ids[0] ?? ''}`]]);
      expect(await codeOf(watch({ id: 'nobody', options: { bootstrapContents: true } }, 2))).toBe('UNIMPLEMENTED');
    });

    it('watches all: nothing, everything sorted, the end of that, and then each change', async () => {
      const ids = (await stream(State.method.list, metadataOf)).map(({ resource }) => resource?.metadata?.id ?? '');
      const contents = { bootstrapContents: true };
      const all = [...ids.map((id) => `CREATED ${id}`), 'BOOTSTRAPPED'];
      expect(brief(await watch({ options: contents, apiVersion: 1 }, all.length + 1))).toEqual([
        [],
        ...all.map((one) => [one]),
      ]);
      const together = await watch({ options: { ...contents, aggregated: true }, apiVersion: 1 }, 2);
      expect(brief(together).flat()).toEqual(all);

      const changes = watch({ options: contents, apiVersion: 1 }, all.length + 2);
      // An API of version 0 is not told where the contents end: the next that it hears is a change.
      const old = watch({ options: contents }, ids.length + 2);
      await watch({ options: contents, apiVersion: 1 }, all.length + 1);
      node.changeDisks();
      const [change] = brief(await changes).at(-1) ?? [];
      expect(change).toMatch(/^(CREATED|DESTROYED) /);
      expect(brief(await old).at(-1)).toEqual([change]);
    });

    it('begins its events with a hello, and names their kinds in its own way', async () => {
      if (node.largestRequestBytes < 32 * 2 ** 20) {
        expect(await codeOf(stream(MachineService.method.events, { tailEvents: -1 }, 3))).toBe('UNIMPLEMENTED');
        return;
      }
      const [hello, ...events] = await stream(MachineService.method.events, { tailEvents: -1 }, 3);
      expect(hello?.data).toMatchObject({ typeUrl: '', value: new Uint8Array() });
      for (const { data } of events) expect(data?.typeUrl).toMatch(/^talos\/runtime\/machine\.\w+Event$/);
    });

    it('sends a kubeconfig in an archive that is never closed', async () => {
      if (node.keys === undefined) return;
      const pieces = await stream(MachineService.method.kubeconfig, {});
      const archive = gunzipSync(Buffer.concat(pieces.map(({ bytes }) => bytes)));
      const size = Number.parseInt(archive.toString('latin1', 124, 135), 8);
      expect(archive.toString('latin1', 0, 10)).toBe('kubeconfig');
      expect(archive.length).toBe(512 + size);
      expect(archive.toString('utf8', 512)).toMatch(/^apiVersion: v1\nkind: Config\n/);
    });

    it('ends a failed installer with an exit code and the status OK', async () => {
      if (node.failingImage === undefined) return;
      const containerd = { driver: ContainerDriver.CRI, namespace: ContainerdNamespace.NS_SYSTEM };
      const told = await stream(LifecycleService.method.upgrade, {
        containerd,
        source: { imageName: node.failingImage },
      });
      const { response } = told.at(-1)?.progress ?? {};
      expect(response).toMatchObject({ case: 'exitCode' });
      expect(response?.value).not.toBe(0);
    });

    it('breaks off what is in flight when it reboots, and describes itself anew', async () => {
      if (node.keys === undefined) return;
      const id = 'loop0';
      const created = async () => (await unary(State.method.get, { ...metadataOf, id })).resource?.metadata?.created;
      const before = await created();
      const inFlight = codeOf(watch({ id, apiVersion: 1 }, Number.POSITIVE_INFINITY));
      await watch({ id, apiVersion: 1 }, 2);
      node.reboot();
      expect(await inFlight).toBe('UNAVAILABLE');
      await expect.poll(() => created().catch(() => before), { timeout: 20_000, interval: 20 }).not.toEqual(before);
    });
  });
}

const nameOf = (type: EventType) => Object.entries(EventType).find(([, number]) => number === type)?.[0] ?? '';

const secure = ({ cert, key }: TalosKeys) => ({ cert, key: opensslPem(key) });

function bare({ address, port }: BehavingNode, keys: TalosKeys | undefined): Client {
  const context = createSecureContext(keys === undefined ? {} : { ...secure(keys), ca: keys.ca });
  const channel =
    keys === undefined
      ? credentials.createSsl(null, null, null, { rejectUnauthorized: false })
      : credentials.createFromSecureContext(context, { checkServerIdentity: () => undefined });
  return new Client(`ipv4:${address}:${port}`, channel, {
    'grpc.ssl_target_name_override': 'talos',
    'grpc.max_send_message_length': -1,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.max_reconnect_backoff_ms': 500,
  });
}

/** What becomes of a connection: whether the node begins to speak, and in which protocol, or why not. */
function firstBytes({ address, port }: BehavingNode, options: object): Promise<string> {
  return new Promise((resolve) => {
    const socket = connectTls({ host: address, port, rejectUnauthorized: false, ALPNProtocols: ['h2'], ...options });
    const end = (what: string) => {
      resolve(what);
      socket.destroy();
    };
    socket.once('data', () => end(`${String(socket.alpnProtocol)} served ${String(socket.getProtocol())}`));
    socket.once('error', (error: NodeJS.ErrnoException) => end(`refused ${error.code ?? error.message}`));
    socket.once('close', () => end('refused without a word'));
  });
}
