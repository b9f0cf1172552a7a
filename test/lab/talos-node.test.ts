import { create } from '@bufbuild/protobuf';
import { afterEach, describe, expect, it } from 'vitest';
import {
  ApplyConfigurationRequestSchema,
  ApplyConfigurationRequest_Mode as Mode,
} from '../../talos/gen/machine/machine_pb.ts';
import { connectTalos, type TalosClient } from '../../talos/index.ts';
import { probeCertificate } from '../../talos/probe-certificate.ts';
import type { TalosEvent } from '../../talos/talos-event.ts';
import { takeConfig } from './apply-configuration.ts';
import { type LoneNode, startLoneNode } from './lone-node.fixture.ts';

const text = async (pieces: AsyncIterable<Uint8Array>) => Buffer.concat(await Array.fromAsync(pieces)).toString();

describe('the Talos of a simulated machine', () => {
  const open: { close(): unknown }[] = [];
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
  });

  const start = async (wish: { talosVersion?: string; isInstalled: boolean; speed?: number }) => {
    const lone = await startLoneNode({ net: 105, talosVersion: 'v1.13.9', ...wish });
    open.push(lone);
    return lone;
  };
  const connect = (lone: LoneNode, isConfigured: boolean, address = lone.address): TalosClient => {
    const client = connectTalos({ address, ...(isConfigured ? { keys: lone.keys } : {}) });
    open.unshift(client);
    return client;
  };
  /** What happens from the beginning of the boot to the event that is waited for. */
  const until = async (client: TalosClient, isLast: (event: TalosEvent) => boolean, actorId = '') => {
    const events: TalosEvent[] = [];
    for await (const event of client.events({ past: 'all', actorId })) {
      events.push(event);
      if (isLast(event)) break;
    }
    return events;
  };

  it('takes a new key in maintenance mode, so that its fingerprint changes within one boot', async () => {
    const lone = await start({ isInstalled: false });
    const at = { address: lone.address };
    const { fingerprint: before } = await probeCertificate(at);
    expect((await probeCertificate(at)).fingerprint).toBe(before);
    await lone.node.renewCertificate();
    expect((await probeCertificate(at)).fingerprint).not.toBe(before);
  });

  it('says by an event alone that an action will not run because another one holds it', async () => {
    // Slow enough for the first to be still there when the second gives up.
    const lone = await start({ isInstalled: true, speed: 20 });
    const client = connect(lone, true);
    const held = Promise.withResolvers<undefined>();
    lone.node.act({
      sequence: 'upgrade',
      actorId: 'first',
      stage: 'upgrading',
      prepare: () => held.promise,
      end: 'kexec',
    });
    const actor = await client.reboot();
    const [refusal] = await until(client, ({ type }) => type === 'sequence', actor);
    expect(refusal).toMatchObject({ sequence: 'reboot', action: 'NOOP', error: { code: 'LOCKED' }, actorId: actor });
    held.resolve(undefined);
  });

  it('lets a reboot take over a boot that waits for its bootstrap, and not a shutdown', async () => {
    const lone = await start({ isInstalled: true });
    const client = connect(lone, true);
    const actor = await client.shutdown();
    expect(await until(client, ({ type }) => type === 'sequence', actor)).toMatchObject([
      { error: { code: 'LOCKED' } },
    ]);
    const next = lone.nextBoot();
    await client.reboot();
    expect((await next).stage).toBe('booting');
  });

  it('tells on a control plane of 1.13 why an install failed, and has forgotten it with the next boot', async () => {
    const lone = await start({ isInstalled: false, speed: 5 });
    lone.inflict('install-fails', 1);
    const next = lone.nextBoot();
    await connect(lone, false).applyConfiguration({ config: lone.config, mode: 'AUTO' });
    const address = lone.address.replace('.1.', '.2.');
    await lone.served(address);
    const installing = connect(lone, true, address);
    const events = await until(installing, (event) => event.type === 'sequence' && event.action === 'STOP');
    const log = await text(installing.dmesg());
    expect(events.filter(({ type }) => type === 'task' || type === 'sequence')).toMatchObject([
      { task: 'runningMaintenance', action: 'START' },
      { task: 'runningMaintenance', action: 'STOP' },
      { sequence: 'install', action: 'START' },
      {
        sequence: 'install',
        action: 'STOP',
        error: { code: 'FATAL', message: expect.stringContaining('pull') as string },
      },
    ]);
    expect(log).toMatch(/task install .* failed: failed to pull image/);
    const after = await next;
    expect(after.isConfigured).toBe(false);
    expect(after.kernelLog.last(-1).join('\n')).not.toContain('failed');
    expect(lone.disks[0]?.install).toBeUndefined();
  });

  it.each([
    { talosVersion: 'v1.12.11', kept: true },
    { talosVersion: 'v1.13.9', kept: false },
  ])(
    'installs by a trial in maintenance mode; with $talosVersion the config is kept: $kept',
    async ({ talosVersion, kept }) => {
      const lone = await start({ isInstalled: false, talosVersion });
      const next = lone.nextBoot();
      // Our client refuses to ask for it.
      const request = { data: Buffer.from(lone.config), mode: Mode.TRY };
      takeConfig(lone.node, create(ApplyConfigurationRequestSchema, request)).takeEffect();
      await next;
      expect(lone.disks[0]?.wipes).toBe(1);
      expect(lone.disks[0]?.install?.config !== undefined).toBe(kept);
    },
  );

  it('decides by what changed whether a config needs a reboot, and takes no other until then', async () => {
    const lone = await start({ isInstalled: true, speed: 5 });
    const client = connect(lone, true);
    const apply = (config: string, mode: 'AUTO' | 'NO_REBOOT' | 'REBOOT') =>
      client.applyConfiguration({ config, mode });
    const quick = lone.config.replace('debug: false', 'debug: true');
    expect(await apply(quick, 'AUTO')).toMatchObject({ mode: 'NO_REBOOT' });
    expect(lone.node.config?.text).toBe(quick);
    const deep = quick.replace('diskQuotaSupport: true', 'diskQuotaSupport: false');
    expect(deep).not.toBe(quick);
    await expect(apply(deep, 'NO_REBOOT')).rejects.toMatchObject({ code: 'talos/refused' });
    const next = lone.nextBoot();
    expect(await apply(deep, 'AUTO')).toMatchObject({ mode: 'REBOOT' });
    await expect(apply(quick, 'AUTO')).rejects.toMatchObject({ code: 'talos/not-ready' });
    await next;
    expect(lone.disks[0]?.install?.config).toBe(deep);
  });

  it('never reboots for a config with 1.14, nor lets anybody ask for it', async () => {
    const lone = await start({ isInstalled: true, talosVersion: 'v1.14.0' });
    const client = connect(lone, true);
    const deep = lone.config.replace('diskQuotaSupport: true', 'diskQuotaSupport: false');
    await expect(client.applyConfiguration({ config: deep, mode: 'REBOOT' })).rejects.toMatchObject({
      code: 'talos/not-supported',
    });
    expect(await client.applyConfiguration({ config: deep, mode: 'AUTO' })).toMatchObject({ mode: 'NO_REBOOT' });
  });

  it('starts the system before an upgrade again when the new one does not come up', async () => {
    const lone = await start({ isInstalled: true });
    const client = connect(lone, true);
    lone.inflict('upgrade-panics', 1);
    const next = lone.nextBoot();
    await client.upgrade({ image: 'ghcr.io/siderolabs/installer:v1.13.99', force: true });
    expect((await next).version).toBe('v1.13.9');
    const install = lone.disks[0]?.install;
    expect(install).toMatchObject({ version: 'v1.13.9', previous: 'v1.13.99', isUnproven: false });
  });

  it('leaves its disks alone when a graceful reset cannot leave etcd', async () => {
    const lone = await start({ isInstalled: true });
    const client = connect(lone, true);
    const next = lone.nextBoot();
    await client.reset({ graceful: true, reboot: true, wipe: 'ALL' });
    await next;
    await lone.served();
    expect(lone.disks[0]?.install?.config).toBe(lone.config);
    const again = lone.nextBoot();
    await expect(
      client.reset({ graceful: false, reboot: true, wipe: 'SYSTEM_DISK', userDisks: ['/dev/nvme1n1'] }),
    ).rejects.toThrow();
    await client.reset({ graceful: false, reboot: true, wipe: 'ALL', userDisks: ['/dev/nvme1n1'] });
    expect((await again).isConfigured).toBe(false);
    expect(lone.disks.map(({ install, signatures }) => [install, signatures])).toEqual([
      [undefined, []],
      [undefined, []],
    ]);
  });
});
