import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderTalosconfig } from '../../talos/index.ts';
import { type Lab, startLab } from '../lab/lab.fixture.ts';
import { type GoClient, type Seen, startTalosClient, talosClientReleases } from './start-talos-client.ts';

/** What Go saw of a call that worked. */
const saw = ({ saw: value, code, message }: Seen): unknown => {
  if (code !== undefined) throw new Error(`${code}: ${message ?? ''}`);
  return value;
};

const disks = { namespace: 'runtime', type: 'Disks.block.talos.dev' };
const status = { namespace: 'runtime', type: 'MachineStatuses.runtime.talos.dev', id: 'machine' };
const image = (version: string) => `ghcr.io/siderolabs/installer:${version}`;

interface Reply<Message> {
  readonly messages: readonly Message[];
}
interface SeenResource {
  readonly event?: string;
  readonly id: string;
  readonly spec: Readonly<Record<string, unknown>>;
}

const talosVersions = { '1.11.6': 'v1.11.6', '1.12.7': 'v1.12.11', '1.13.9': 'v1.13.9', '1.14.0-alpha.2': 'v1.14.0' };

describe.each(talosClientReleases)("Talos' own client $release on simulated nodes of its minor", (release) => {
  const talosVersion = talosVersions[release.release];
  const minor = Number(talosVersion.split('.')[1]);
  const isNew = minor >= 13;
  let lab: Lab;
  let config = '';
  const clients: GoClient[] = [];

  beforeAll(async () => {
    lab = await startLab({
      net: 96,
      talosVersion,
      controlPlanes: 3,
      workers: 1,
      faults: { 'cp-3': [{ kind: 'upgrade-panics', times: 1 }] },
    });
    lab.rack.powerOn();
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await lab.close();
  });

  const connect = async (endpoint: string, isConfigured = true) => {
    const talosconfig = renderTalosconfig({ cluster: 'lab', endpoints: [endpoint], keys: lab.keys });
    const made = await startTalosClient(release, { endpoint, ...(isConfigured ? { talosconfig } : {}) });
    clients.push(made);
    return made;
  };
  const until = <T>(client: GoClient, call: string, isDone: (value: T) => boolean, asked: object = {}) =>
    lab.eventually(async () => {
      const value = saw(await client.ask(call, { asked })) as T;
      if (!isDone(value)) throw new Error(`not yet: ${JSON.stringify(value)}`);
      return value;
    });
  const isRunning = ({ spec }: SeenResource) => spec['stage'] === 'running';

  it('in maintenance mode: hardware from protobuf, nothing sensitive, what this release offers strangers', async () => {
    config = await lab.config('cp-1');
    const stranger = await connect(lab.leased('cp-1'), false);
    expect(saw(await stranger.ask('list', { asked: disks }))).toMatchObject([
      { id: 'loop0', spec: { readonly: true, size: 78_643_200 } },
      { id: 'nvme0n1', spec: { serial: 'cp-1-disk-0', size: 480_000_000_000, transport: 'nvme' } },
      { id: 'nvme1n1', spec: { serial: 'cp-1-disk-1' } },
    ]);
    expect(saw(await stranger.ask('get', { asked: status }))).toMatchObject({
      spec: { stage: 'maintenance', status: { ready: true, unmetConditions: [] } },
    });
    const links = { namespace: 'network', type: 'LinkStatuses.net.talos.dev', id: 'eth0' };
    expect(saw(await stranger.ask('get', { asked: links }))).toMatchObject({
      spec: { type: 'ether', hardwareAddr: '52:54:00:60:00:10', operationalState: 'up', linkState: true },
    });
    const addresses = { namespace: 'network', type: 'AddressStatuses.net.talos.dev' };
    expect(saw(await stranger.ask('list', { asked: addresses }))).toMatchObject([
      { spec: { address: `${lab.leased('cp-1')}/16`, linkName: 'eth0', family: 'inet4' } },
      {},
    ]);
    const systemDisk = { namespace: 'runtime', type: 'SystemDisks.block.talos.dev', id: 'system-disk' };
    expect(saw(await stranger.ask('get', { asked: systemDisk }))).toBe('not found');
    expect(saw(await stranger.ask('watch', { asked: { ...systemDisk, count: 1 } }))).toMatchObject([
      { event: 'Destroyed', id: 'system-disk' },
    ]);
    expect(
      (saw(await stranger.ask('watch', { asked: { ...disks, count: 4 } })) as SeenResource[]).map(eventOf),
    ).toEqual(['Created loop0', 'Created nvme0n1', 'Created nvme1n1', 'Bootstrapped ']);
    const secret = { namespace: 'config', type: 'MachineConfigs.config.talos.dev', id: 'v1alpha1' };
    expect(await stranger.ask('get', { asked: secret })).toMatchObject({ code: 'PermissionDenied' });
    for (const call of ['version', 'services', 'dmesg', 'files', 'time']) {
      expect([call, (await stranger.ask(call)).code]).toEqual([call, isNew ? undefined : 'Unimplemented']);
    }
    const events = await stranger.ask('events', { asked: { tail: -1, count: 1 } });
    expect(events.code).toBe(isNew ? undefined : 'Unimplemented');
    expect((await stranger.ask('reset', { asked: {} })).code).toBe(isNew ? 'PermissionDenied' : 'Unimplemented');
    expect((await stranger.ask('bootstrap')).code).toBe(isNew ? 'PermissionDenied' : 'Unimplemented');
    expect((await stranger.ask('etcdMembers')).code).toBe('Unimplemented');
    const dry = await stranger.ask('apply', { asked: { config, mode: 'AUTO', dryRun: true } });
    expect(saw(dry)).toMatchObject({ messages: [{ mode: 'AUTO' }] });
    const broken = config.replace('debug: false', 'debugging: false');
    expect(await stranger.ask('apply', { asked: { config: broken, mode: 'AUTO' } })).toMatchObject({
      code: 'InvalidArgument',
    });
    const staged = await stranger.ask('apply', { asked: { config, mode: 'STAGED' } });
    expect(staged.code).toBe(isNew ? undefined : 'Unimplemented');
  });

  it('installs, waits for its bootstrap, is bootstrapped once, and others join', async () => {
    const stranger = await connect(lab.leased('cp-1'), false);
    const applied = saw(await stranger.ask('apply', { asked: { config, mode: 'AUTO' } })) as Reply<object>;
    expect(applied.messages).toEqual([isNew ? { mode: 'NO_REBOOT' } : { mode: 'AUTO' }]);
    const talos = await connect(lab.address('cp-1'));
    const services = await until<Reply<{ services: { id: string; state: string }[] }>>(
      talos,
      'services',
      ({ messages }) => messages[0]?.services.some(({ id }) => id === 'etcd') === true,
    );
    expect(services.messages[0]?.services.find(({ id }) => id === 'etcd')).toMatchObject({ state: 'Preparing' });
    expect(saw(await talos.ask('files', { asked: { root: '/var/lib/etcd' } }))).toEqual(['.']);
    expect(await talos.ask('etcdMembers')).toMatchObject({ code: 'Unavailable' });
    expect(await talos.ask('bootstrap')).toEqual({});
    expect(await talos.ask('bootstrap')).toMatchObject({ code: 'AlreadyExists' });
    expect(lab.rack.statistics().bootstraps).toBe(1);
    await Promise.all(['cp-2', 'cp-3', 'node-1'].map((name) => lab.install(name)));
    type Members = Reply<{ members: { hostname: string; id: string; isLearner?: boolean }[] }>;
    const { messages } = await until<Members>(
      talos,
      'etcdMembers',
      ({ messages: [first] }) => first?.members.filter(({ isLearner }) => isLearner !== true).length === 3,
    );
    expect(messages[0]?.members.map(({ hostname }) => hostname).sort()).toEqual(['cp-1', 'cp-2', 'cp-3']);
    // Ids use all 64 bits.
    expect(messages[0]?.members.some(({ id }) => BigInt(id) > 2n ** 53n)).toBe(true);
    await until(talos, 'get', isRunning, status);
    expect(saw(await talos.ask('files', { asked: { root: '/var/lib/etcd', recurse: true } }))).toContain(
      'member/snap/db',
    );
    expect(saw(await talos.ask('kubeconfig'))).toMatch(/^apiVersion: v1\nkind: Config\n[^]*admin@lab/);
  });

  it('passes calls on: to one, to several with an envelope of each, and from a worker never', async () => {
    const talos = await connect(lab.address('cp-1'));
    const [second, worker] = [lab.address('cp-2'), lab.address('node-1')];
    await lab.eventually(async () => saw(await talos.ask('version', { node: worker })));
    const one = saw(await talos.ask('version', { node: second })) as Reply<{ metadata?: unknown }>;
    expect(one.messages[0]?.metadata).toBeUndefined();
    const several = await talos.ask('version', { nodes: [second, worker, '127.96.2.99'] });
    // The client makes an error of what it finds in the envelopes, and gives what the others said.
    expect(several).toMatchObject({
      code: 'Unavailable',
      saw: { messages: [{ metadata: { hostname: second } }, { metadata: { hostname: worker } }] },
    });
    const hostname = { namespace: 'network', type: 'HostnameStatuses.net.talos.dev', id: 'hostname' };
    expect(saw(await talos.ask('get', { node: second, asked: hostname }))).toMatchObject({
      spec: { hostname: 'cp-2' },
    });
    expect(await talos.ask('get', { nodes: [second], asked: hostname })).toMatchObject({ code: 'InvalidArgument' });
    const onWorker = await connect(worker);
    expect(saw(await onWorker.ask('version', { node: worker }))).toMatchObject({ messages: [{}] });
    expect(await onWorker.ask('version', { node: second })).toMatchObject({ code: 'PermissionDenied' });
    expect(await onWorker.ask('etcdMembers')).toMatchObject({ code: 'Unimplemented' });
    expect((await onWorker.ask('bootstrap')).code).toBe(isNew ? 'Unimplemented' : 'FailedPrecondition');
  });

  it('etcd, files, logs, meta, keys and disks', async () => {
    const talos = await connect(lab.address('cp-1'));
    expect(saw(await talos.ask('etcdStatus'))).toMatchObject({ messages: [{ memberStatus: { raftTerm: '2' } }] });
    expect(await talos.ask('etcdAlarms')).toMatchObject({ saw: { messages: [{}] } });
    expect((saw(await talos.ask('etcdForfeitLeadership')) as Reply<object>).messages).toHaveLength(1);
    expect(await talos.ask('etcdRemove', { asked: { memberId: '1' } })).toMatchObject({ code: 'NotFound' });
    expect(Buffer.from(saw(await talos.ask('etcdSnapshot')) as string, 'base64').length).toBe(100_032);
    expect(saw(await talos.ask('read', { asked: { path: '/proc/sys/kernel/random/boot_id' } }))).toMatch(
      /^[0-9a-f-]{36}\n$/,
    );
    expect((await talos.ask('read', { asked: { path: '/nowhere' } })).code).toBe('Unknown');
    expect(Buffer.from(saw(await talos.ask('copy', { asked: { path: '/etc' } })) as string, 'base64')[0]).toBe(0x1f);
    expect(saw(await talos.ask('dmesg'))).toContain('machine is running');
    expect(saw(await talos.ask('logs', { asked: { path: 'etcd' } }))).toContain('Preparing');
    const value = Buffer.from('x').toString('base64');
    expect(await talos.ask('metaWrite', { asked: { key: 12, value } })).toEqual({});
    expect(await talos.ask('metaDelete', { asked: { key: 12 } })).toEqual({});
    expect(await talos.ask('metaDelete', { asked: { key: 12 } })).toMatchObject({ code: 'NotFound' });
    const keys = await talos.ask('clientConfig', { asked: { roles: ['os:reader'], crtTtl: '3600s' } });
    const [{ talosconfig }] = (saw(keys) as Reply<{ talosconfig: string }>).messages as [{ talosconfig: string }];
    const reader = await startTalosClient(release, {
      endpoint: lab.address('cp-1'),
      talosconfig: Buffer.from(talosconfig, 'base64').toString(),
    });
    clients.push(reader);
    expect(saw(await reader.ask('version'))).toMatchObject({ messages: [{ version: { tag: talosVersion } }] });
    expect(await reader.ask('reset', { asked: {} })).toMatchObject({ code: 'PermissionDenied' });
    expect(await talos.ask('wipe', { asked: { devices: [{ device: 'nvme0n1' }] } })).toMatchObject({
      code: 'FailedPrecondition',
    });
    expect(await talos.ask('wipe', { asked: { devices: [{ device: 'nvme9n1' }] } })).toMatchObject({
      code: 'NotFound',
    });
    const reboot = await talos.ask('apply', { asked: { config, mode: 'REBOOT', dryRun: true } });
    expect(reboot.code).toBe(minor >= 14 ? 'Unimplemented' : undefined);
  });

  it('follows a reboot by the events of the call that asked for it', async () => {
    const talos = await connect(lab.address('cp-2'));
    const boot = { path: '/proc/sys/kernel/random/boot_id' };
    const before = saw(await talos.ask('read', { asked: boot }));
    const [{ actorId }] = (saw(await talos.ask('reboot')) as Reply<{ actorId: string }>).messages as [
      { actorId: string },
    ];
    const [first] = saw(await talos.ask('events', { asked: { tail: -1, actorId, count: 1 } })) as {
      kind: string;
      payload: object;
    }[];
    expect(first).toMatchObject({ kind: 'SequenceEvent', payload: { sequence: 'reboot', action: 'START' } });
    await lab.eventually(async () => {
      expect(saw(await talos.ask('read', { asked: boot }))).not.toBe(before);
    });
    await until(talos, 'get', isRunning, status);
  });

  it('upgrades in the way of its release, and falls back when the new system does not come up', async () => {
    const next = `${talosVersion.replace(/\.\d+$/, '')}.99`;
    const upgrade = async (name: string) => {
      const talos = await connect(lab.address(name));
      if (isNew) {
        const containerd = { driver: 'CRI', namespace: 'NS_SYSTEM' };
        expect((await talos.ask('pull', { asked: { containerd, imageRef: 'nowhere/nothing' } })).code).toBe('NotFound');
        const source = { imageName: image(next) };
        expect((await talos.ask('lifecycleUpgrade', { asked: { containerd, source } })).code).toBe('NotFound');
        const pulled = saw(await talos.ask('pull', { asked: { containerd, imageRef: image(next) } })) as {
          name: string;
          steps: string[];
        };
        expect(pulled).toMatchObject({ steps: ['DOWNLOADING', 'DOWNLOAD_COMPLETE', 'EXTRACT_COMPLETE'] });
        expect(pulled.name).toContain('@sha256:');
        expect(saw(await talos.ask('images', { asked: { containerd } }))).toEqual([image(next)]);
        expect(saw(await talos.ask('lifecycleUpgrade', { asked: { containerd, source } }))).toMatchObject({
          exitCode: 0,
          output: expect.stringContaining('complete') as string,
        });
        saw(await talos.ask('reboot'));
      } else
        expect(saw(await talos.ask('upgrade', { asked: { image: image(next) } }))).toMatchObject({ messages: [{}] });
      return talos;
    };
    type Version = Reply<{ version: { tag: string } }>;
    const tagIs = (tag: string) => (reply: Version) => reply.messages[0]?.version.tag === tag;
    const good = await upgrade('cp-1');
    await until(good, 'version', tagIs(next));
    await until(good, 'get', isRunning, status);

    const unlucky = await connect(lab.address('cp-3'));
    const boot = { path: '/proc/sys/kernel/random/boot_id' };
    const before = saw(await unlucky.ask('read', { asked: boot }));
    await lab.eventually(() => upgrade('cp-3'));
    await lab.eventually(async () => {
      expect(saw(await unlucky.ask('read', { asked: boot }))).not.toBe(before);
    });
    expect(saw(await unlucky.ask('version'))).toMatchObject({ messages: [{ version: { tag: talosVersion } }] });

    expect(await good.ask('rollback')).toEqual({});
    await until(good, 'version', tagIs(talosVersion));
    await until(good, 'get', isRunning, status);
    await until(unlucky, 'get', isRunning, status);
  });

  it('resets: a control plane leaves etcd and is in maintenance mode again', async () => {
    const talos = await connect(lab.address('cp-3'));
    const asked = {
      graceful: true,
      reboot: true,
      systemPartitionsToWipe: ['STATE', 'EPHEMERAL'].map((label) => ({ label, wipe: true })),
    };
    expect(saw(await talos.ask('reset', { asked }))).toMatchObject({
      messages: [{ actorId: expect.any(String) as string }],
    });
    const stranger = await connect(lab.leased('cp-3'), false);
    await until<SeenResource>(stranger, 'get', ({ spec }) => spec['stage'] === 'maintenance', status);
    const systemDisk = { namespace: 'runtime', type: 'SystemDisks.block.talos.dev', id: 'system-disk' };
    expect(saw(await stranger.ask('get', { asked: systemDisk }))).toMatchObject({ spec: { diskID: 'nvme0n1' } });
    const other = await connect(lab.address('cp-1'));
    const members = (saw(await other.ask('etcdMembers')) as Reply<{ members: { hostname: string }[] }>).messages[0]
      ?.members;
    expect(members?.map(({ hostname }) => hostname).sort()).toEqual(['cp-1', 'cp-2']);
    expect(saw(await other.ask('shutdown'))).toMatchObject({ messages: [{}] });
  });
});

const eventOf = ({ event, id }: SeenResource) => `${event ?? ''} ${id}`;
