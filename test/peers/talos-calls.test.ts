import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { minutes, seconds } from '../../core/millis.ts';
import { type CertificateAndKey, createAuthority } from '../../talos/certificate.ts';
import type { CosiEvent } from '../../talos/cosi-event.ts';
import type { FollowEvent } from '../../talos/follow-resources.ts';
import { connectTalos, createAdminKeys, type TalosClient, type TalosKeys } from '../../talos/index.ts';
import { pinTalos } from '../../talos/pin-talos.ts';
import { probeCertificate } from '../../talos/probe-certificate.ts';
import { address, type Node, ports, portsAt, startTalosNode } from './start-talos-node.ts';

const largest = 2n ** 64n - 1n;
const text = (pieces: readonly Uint8Array[]) => Buffer.concat(pieces).toString();
const bytes = async function* (...pieces: string[]) {
  for (const piece of pieces) yield Buffer.from(piece);
};

describe("every call of our client, understood by Talos' own stubs and understood by us in return", () => {
  let node: Node;
  let authority: CertificateAndKey;
  let keys: TalosKeys;
  let client: TalosClient;

  beforeAll(async () => {
    authority = await createAuthority({ kind: 'ed25519', organization: 'talos' }, ports);
    keys = await createAdminKeys({ osCa: authority }, ports);
    node = await startTalosNode(authority, true);
    client = connectTalos({ address, port: node.port, keys });
  });
  afterAll(async () => {
    client.close();
    await node.stop();
  });

  /** What comes of a call, and what Go has understood of it. */
  const both = async <T>(call: Promise<T>) => {
    const [outcome, { call: path, request }] = await Promise.all([
      call.catch((fault: unknown) => (fault as { code: string }).code),
      node.heard(),
    ]);
    return [path.split('/').at(-1), request, outcome];
  };

  it('etcd', async () => {
    expect(await both(client.bootstrap({ recover: true, skipHashCheck: true }))).toEqual([
      'Bootstrap',
      { recoverEtcd: true, recoverSkipHashCheck: true },
      undefined,
    ]);
    const [, request, members] = await both(client.etcdMembers({ local: true }));
    expect([request, members]).toMatchObject([{ queryLocal: true }, [{ id: largest }]]);
    expect(await both(client.etcdStatus())).toEqual([
      'EtcdStatus',
      {},
      {
        memberId: largest - 1n,
        leader: largest,
        isLearner: true,
        sizeBytes: 2n ** 60n,
        sizeInUseBytes: 1n,
        raftIndex: 3n,
        raftTerm: 2n,
        raftAppliedIndex: 1n,
        version: '3.6.4',
        storageVersion: '3.6',
        errors: ['slow'],
      },
    ]);
    const removal = 'EtcdRemoveMemberByID';
    expect(await both(client.etcdRemoveMember(largest))).toEqual([removal, { memberId: String(largest) }, undefined]);
    expect(await both(client.etcdRemoveMember(1n))).toEqual([removal, { memberId: '1' }, undefined]);
    expect(await both(client.etcdLeave())).toEqual(['EtcdLeaveCluster', {}, undefined]);
    expect(await both(client.etcdForfeitLeadership())).toEqual(['EtcdForfeitLeadership', {}, 'node-2']);
    expect(await both(client.etcdAlarms())).toEqual(['EtcdAlarmList', {}, [{ memberId: largest, alarm: 'NOSPACE' }]]);
    expect(await both(client.etcdDefragment())).toEqual(['EtcdDefragment', {}, undefined]);
    for (const step of ['validate', 'enable'] as const) {
      expect((await both(client.etcdDowngrade({ step, version: '3.5' }))).slice(1)).toEqual([
        { version: '3.5' },
        '3.5',
      ]);
    }
    expect(await both(client.etcdDowngrade({ step: 'cancel' }))).toEqual(['EtcdDowngradeCancel', {}, '3.6']);
  });

  it('an enum value of a later version, which is a fault with a name', async () => {
    expect(await both(client.etcdDisarmAlarms())).toEqual(['EtcdAlarmDisarm', {}, 'talos/garbled']);
  });

  it('snapshots of etcd, down and up', async () => {
    expect(text(await Array.fromAsync(client.etcdSnapshot()))).toBe('snapshot');
    await node.heard();
    await client.etcdRecover(bytes('snap', 'shot'));
    expect([await node.heard(), await node.heard()].map(({ request }) => request)).toEqual([
      { bytes: Buffer.from('snap').toString('base64') },
      { bytes: Buffer.from('shot').toString('base64') },
    ]);
    expect(await both(client.etcdRecover(bytes('bad')))).toEqual([
      'EtcdRecover',
      { bytes: Buffer.from('bad').toString('base64') },
      'talos/not-ready',
    ]);
  });

  it('a snapshot that cannot be read on our side, which is not sent as if it were whole', async () => {
    // A call that is given up may never reach the node, so the test waits for nothing of it but what is left at the end.
    const told = async (pieces: AsyncIterable<Uint8Array>) => {
      const other = await startTalosNode(authority, true);
      const sender = connectTalos({ address, port: other.port, keys });
      const outcome = await sender.etcdRecover(pieces).then(
        () => 'sent',
        (thrown: unknown) => String(thrown),
      );
      await sender.version();
      sender.close();
      return { outcome, ends: (await other.stop()).filter(({ isWhole }) => isWhole).length };
    };
    const broken = async function* () {
      yield Buffer.from('snap');
      throw new Error('the disk is gone');
    };
    expect(await told(broken())).toEqual({ outcome: 'Error: the disk is gone', ends: 0 });
    expect(await told(bytes('snap'))).toEqual({ outcome: 'sent', ends: 1 });
  });

  it('config, keys, meta', async () => {
    const tried = client.applyConfiguration({
      config: '---\nversion: v1alpha1\nmachine: {}\n',
      mode: 'TRY',
      dryRun: true,
      tryFor: minutes(2),
    });
    const [, request, result] = await both(tried);
    expect(request).toMatchObject({ mode: 'TRY', dryRun: true, tryModeTimeout: '120s' });
    expect(result).toMatchObject({ mode: 'TRY', warnings: ['a warning'] });
    expect(await both(client.generateClientKeys({ roles: ['os:reader'], lifetime: minutes(60) }))).toEqual([
      'GenerateClientConfiguration',
      { roles: ['os:reader'], crtTtl: '3600s' },
      { ca: 'ca', cert: 'crt', key: 'key' },
    ]);
    const value = Buffer.from('x').toString('base64');
    expect(await both(client.metaWrite({ key: 12, value: 'x' }))).toEqual(['MetaWrite', { key: 12, value }, undefined]);
    expect(await both(client.metaDelete(12))).toEqual(['MetaDelete', { key: 12 }, undefined]);
  });

  it('reboot, shutdown, reset, rollback, the old upgrade', async () => {
    expect(await both(client.reboot('FORCE'))).toEqual(['Reboot', { mode: 'FORCE' }, 'reboot']);
    expect(await both(client.shutdown({ withoutDrain: true }))).toEqual(['Shutdown', { force: true }, 'shutdown']);
    const reset = { graceful: true, reboot: true, wipe: 'SYSTEM_DISK', partitions: ['EPHEMERAL'] } as const;
    expect(await both(client.reset(reset))).toEqual([
      'Reset',
      {
        graceful: true,
        reboot: true,
        mode: 'SYSTEM_DISK',
        systemPartitionsToWipe: [{ label: 'EPHEMERAL', wipe: true }],
      },
      'reset',
    ]);
    expect(await both(client.rollback())).toEqual(['Rollback', {}, undefined]);
    expect(await both(client.upgrade({ image: 'installer:v1', stage: true, reboot: 'POWERCYCLE' }))).toEqual([
      'Upgrade',
      { image: 'installer:v1', stage: true, rebootMode: 'POWERCYCLE' },
      'upgrade',
    ]);
  });

  it('images, with the progress of each layer', async () => {
    const containerd = { driver: 'CRI', namespace: 'NS_SYSTEM' };
    const seen: unknown[] = [];
    const pull = (image: string) =>
      both(client.pullImage({ image, into: 'system', onProgress: (progress) => seen.push(progress) }));
    expect(await pull('a:v1')).toEqual(['Pull', { containerd, imageRef: 'a:v1' }, 'a:v1@sha256:2']);
    expect(seen).toEqual([{ layer: 'layer-1', status: 'EXTRACTING', bytes: 2n ** 40n, totalBytes: 2n ** 41n }]);
    expect(await pull('absent')).toEqual(['Pull', { containerd, imageRef: 'absent' }, 'talos/refused']);
    expect(await pull('cut')).toEqual(['Pull', { containerd, imageRef: 'cut' }, 'talos/stream-cut']);
    expect(await both(client.images('inmem'))).toEqual([
      'List',
      { containerd: { namespace: 'NS_SYSTEM' } },
      [{ name: 'new:v1', digest: 'sha256:2', sizeBytes: 2n ** 60n }],
    ]);
    expect(await client.importImage({ archive: bytes('tar'), into: 'cri' })).toBe('imported:v1');
    expect([await node.heard(), await node.heard()].map(({ request }) => request)).toEqual([
      { containerd: { driver: 'CRI', namespace: 'NS_CRI' } },
      { imageChunk: { bytes: Buffer.from('tar').toString('base64') } },
    ]);
    expect((await both(client.removeImage({ image: 'absent', from: 'system' })))[2]).toBeUndefined();
    expect(await both(client.legacyImages('cri'))).toEqual([
      'ImageList',
      { namespace: 'NS_CRI' },
      [{ name: 'old:v1', digest: 'sha256:1', sizeBytes: 7n }],
    ]);
    expect(await both(client.legacyPullImage({ image: 'b', into: 'system' }))).toEqual([
      'ImagePull',
      { namespace: 'NS_SYSTEM', reference: 'b' },
      undefined,
    ]);
  });

  it('the new install and upgrade, of which only the exit code tells how they ended', async () => {
    const lines: string[] = [];
    const onLine = (line: string) => void lines.push(line);
    const from = 'system';
    const about = (imageName: string) => ({
      containerd: { driver: 'CRI', namespace: 'NS_SYSTEM' },
      source: { imageName },
    });
    expect(await both(client.lifecycleUpgrade({ image: 'good', from, onLine }))).toEqual([
      'Upgrade',
      about('good'),
      undefined,
    ]);
    expect(lines).toEqual(['first line', 'second line', 'last']);
    const failed = client.lifecycleUpgrade({ image: 'bad', from });
    await expect(failed).rejects.toMatchObject({
      code: 'talos/installer-failed',
      kind: 'operator',
      message: expect.stringContaining('ended with 3: first line / second line / last') as string,
    });
    await node.heard();
    expect((await both(client.lifecycleUpgrade({ image: 'cut', from })))[2]).toBe('talos/stream-cut');
    expect(await both(client.lifecycleInstall({ image: 'i', from: 'inmem', disk: '/dev/sda' }))).toEqual([
      'Install',
      { containerd: { namespace: 'NS_SYSTEM' }, source: { imageName: 'i' }, destination: { disk: '/dev/sda' } },
      'talos/already-exists',
    ]);
  });

  it('files and logs, also cut off in the middle or with an error inside the stream', async () => {
    const path = (wanted: string) => both(Array.fromAsync(client.readFile(wanted)).then(text));
    expect(await path('/x')).toEqual(['Read', { path: '/x' }, 'begin end']);
    expect(await both(Array.fromAsync(client.readFile('/large')).then((pieces) => pieces[1]!.length))).toEqual([
      'Read',
      { path: '/large' },
      31 << 20,
    ]);
    expect(await path('/cut')).toEqual(['Read', { path: '/cut' }, 'talos/unreachable']);
    expect(await path('/inside')).toEqual(['Read', { path: '/inside' }, 'talos/not-ready']);
    expect(await both(Array.fromAsync(client.copyOut('/var')))).toEqual([
      'Copy',
      { rootPath: '/var' },
      [Buffer.from([0x1f, 0x8b])],
    ]);
    expect((await both(Array.fromAsync(client.dmesg({ follow: true, onlyNew: true })).then(text))).slice(1)).toEqual([
      { follow: true, tail: true },
      'kern: boot\n',
    ]);
    expect((await both(Array.fromAsync(client.logs({ service: 'etcd', lastLines: 3 })).then(text))).slice(1)).toEqual([
      { namespace: 'system', id: 'etcd', tailLines: 3 },
      'a line\n',
    ]);
    expect(await both(Array.fromAsync(client.listFiles({ root: '/var', depth: 2, types: ['SYMLINK'] })))).toEqual([
      'List',
      { root: '/var', recurse: true, recursionDepth: 2, types: ['SYMLINK'] },
      [
        { path: '/var/lib', relativePath: 'lib', sizeBytes: 0n, permissions: 0o755, isDirectory: true },
        {
          path: '/var/x',
          relativePath: 'x',
          sizeBytes: 2n ** 60n,
          permissions: 0,
          isDirectory: false,
          linksTo: '/y',
          error: 'permission denied',
        },
      ],
    ]);
  });

  it('disks, volumes and arrays', async () => {
    const wiped = await both(client.wipeDevices([{ name: 'sdb1', method: 'ZEROES', dropPartition: true }]));
    expect(wiped).toEqual([
      'BlockDeviceWipe',
      { devices: [{ device: 'sdb1', method: 'ZEROES', dropPartition: true }] },
      undefined,
    ]);
    expect((await both(client.wipeDevices([{ name: 'busy' }])))[2]).toBe('talos/not-ready');
    expect((await both(client.wipeDevices([{ name: 'absent' }])))[2]).toBe('talos/refused');
    expect(await both(client.removeLogicalVolume({ group: 'vg', name: 'lv' }))).toEqual([
      'LogicalVolumeRemove',
      { volumeGroup: 'vg', logicalVolume: 'lv' },
      undefined,
    ]);
    expect((await both(client.removeVolumeGroup('busy')))[2]).toBe('talos/not-ready');
    expect(await both(client.removeVolumeGroup('absent'))).toEqual([
      'VolumeGroupRemove',
      { volumeGroup: 'absent' },
      undefined,
    ]);
    const device = '/dev/md/x';
    expect(await both(client.removePhysicalVolume(device))).toEqual(['PhysicalVolumeRemove', { device }, undefined]);
    expect(await both(client.destroyArray(device))).toEqual(['Destroy', { device }, undefined]);
  });

  it('time and health', async () => {
    expect(await both(client.time())).toEqual([
      'Time',
      {},
      { server: 'time.cloudflare.com', ahead: 2500, local: expect.any(Number) as number },
    ]);
    expect(await both(client.time('ntp'))).toEqual([
      'TimeCheck',
      { server: 'ntp' },
      { server: 'ntp', ahead: 2500, local: expect.any(Number) as number },
    ]);
    const messages: string[] = [];
    const check = (workers: string[]) =>
      both(
        client.checkHealth({
          controlPlanes: ['10.0.0.11'],
          workers,
          patience: seconds(5),
          onMessage: (message) => messages.push(message),
        }),
      );
    expect(await check(['10.0.0.12'])).toEqual([
      'HealthCheck',
      { waitTimeout: '5s', clusterInfo: { controlPlaneNodes: ['10.0.0.11'], workerNodes: ['10.0.0.12'] } },
      undefined,
    ]);
    expect((await check([]))[2]).toBe('talos/unreachable');
    expect(messages).toEqual(Array(2).fill('waiting for etcd to be healthy: OK'));
  });

  it('events, without the hello and without kinds that nobody knows', async () => {
    const events = Array.fromAsync(client.events({ past: 'all', after: 'b9', actorId: 'actor' }));
    const [path, request, told] = await both(events);
    expect([path, request]).toEqual(['Events', { tailEvents: -1, tailId: 'b9', withActorId: 'actor' }]);
    const from = { id: 'c0', actorId: 'actor' };
    expect(told).toEqual([
      { type: 'sequence', sequence: 'reboot', action: 'NOOP', error: { code: 'LOCKED', message: 'locked' }, ...from },
      { type: 'phase', phase: 'drain', action: 'STOP', ...from },
      { type: 'task', task: 'runningMaintenance', action: 'START', ...from },
      { type: 'service', service: 'etcd', action: 'RUNNING', message: 'up', isHealthy: true, ...from },
      { type: 'restart', command: 0x1234567n, ...from },
      { type: 'config-load-error', error: 'no', ...from },
      { type: 'config-validation-error', error: 'never', ...from },
      { type: 'address', hostname: 'node-1', addresses: ['10.0.0.11'], ...from },
      {
        type: 'machine-status',
        stage: 'UPGRADING',
        isReady: false,
        unmetConditions: ['time: not synced'],
        ...from,
      },
    ]);
  });

  it('calls through several endpoints, of which the first is gone, and the error of a node inside an OK answer', async () => {
    const via = [
      { address, port: 1 },
      { address, port: node.port },
    ];
    const routed = connectTalos({ address: '10.0.0.12', via, keys });
    expect(await routed.version()).toMatchObject({ tag: 'v1.13.9' });
    expect(await node.heard()).toMatchObject({ node: ['10.0.0.12'] });
    expect(text(await Array.fromAsync(routed.etcdSnapshot()))).toBe('snapshot');
    expect(await node.heard()).toMatchObject({ node: ['10.0.0.12'] });
    await expect(routed.etcdForfeitLeadership()).rejects.toMatchObject({
      code: 'talos/not-ready',
      message: expect.stringMatching(/10\.0\.0\.12.*etcd is not up/) as string,
    });
    expect(await node.heard()).toMatchObject({ node: ['10.0.0.12'] });
    routed.close();
  });

  it('keys that have expired, and a machine whose certificate has', async () => {
    const lastYear = portsAt(() => new Date(Date.now() - 400 * 86_400_000));
    const old = await createAdminKeys({ osCa: authority }, lastYear);
    const late = connectTalos({ address, port: node.port, keys: old });
    await expect(late.version()).rejects.toMatchObject({ code: 'talos/keys-expired', kind: 'environment' });
    late.close();
    const asleep = await startTalosNode(authority, true, lastYear);
    const woken = connectTalos({ address, port: asleep.port, keys });
    await expect(woken.version()).rejects.toMatchObject({
      code: 'talos/certificate-out-of-date',
      kind: 'environment',
    });
    woken.close();
    await asleep.stop();
  });

  it('watches, from what is there to what changes, and across a reboot', async () => {
    const kind = { namespace: 'runtime', type: 'Disks.block.talos.dev' };
    const one = client.cosiWatch({ ...kind, id: 'nobody' });
    expect((await one.next()).value).toEqual({ type: 'destroyed', id: 'nobody' });
    await one.return();
    await node.heard();

    const brief = (event: CosiEvent | FollowEvent) =>
      'resource' in event
        ? `${event.type} ${event.resource.id}`
        : 'id' in event
          ? `${event.type} ${event.id}`
          : event.type;
    const leave = new AbortController();
    const clock = { sleep: () => new Promise<void>((resolve) => setImmediate(resolve)) };
    const followed = client.cosiFollow(kind, { clock, signal: leave.signal });
    const next = async (count: number) => {
      const told: string[] = [];
      while (told.length < count) {
        const { value } = await followed.next();
        // While it boots, one try after the other fails.
        if (value !== undefined && !(value.type === 'interrupted' && told.at(-1) === 'interrupted'))
          told.push(brief(value));
      }
      return told;
    };
    expect(await next(5)).toEqual(['created loop0', 'created nvme0n1', 'created sda', 'created sr0', 'bootstrapped']);
    node.order({ create: 'sdb' });
    expect(await next(1)).toEqual(['created sdb']);
    node.order({ destroy: 'sda' });
    expect(await next(1)).toEqual(['destroyed sda']);
    node.order({ reboot: true });
    expect(await next(7)).toEqual([
      'interrupted',
      'updated loop0',
      'updated nvme0n1',
      'created sda',
      'updated sr0',
      'destroyed sdb',
      'bootstrapped',
    ]);
    leave.abort();
    expect((await followed.next()).done).toBe(true);
  });

  it('a pinned machine in maintenance mode, and nobody else', async () => {
    const stranger = await createAuthority({ kind: 'ed25519' }, ports);
    const [right, wrong] = await Promise.all([startTalosNode(authority, false), startTalosNode(stranger, false)]);
    const at = { address, port: right.port };
    const { fingerprint } = await probeCertificate(at);
    expect(fingerprint).toBe(right.fingerprint);
    const pinned = await pinTalos(at, fingerprint);
    await expect(pinTalos({ ...at, port: wrong.port }, fingerprint)).rejects.toMatchObject({
      code: 'talos/fingerprint-mismatch',
    });
    const believing = connectTalos({ ...at, pinned });
    const misled = connectTalos({ ...at, port: wrong.port, pinned });
    expect(await believing.version()).toMatchObject({ tag: 'v1.13.9' });
    await expect(misled.version()).rejects.toMatchObject({ code: 'talos/foreign-certificate' });
    believing.close();
    misled.close();
    await Promise.all([right.stop(), wrong.stop()]);
  });
});
