import { afterEach, describe, expect, it } from 'vitest';
import { nodeClock } from '../../bin/platform/node-clock.ts';
import { connectTalos } from '../../talos/index.ts';
import { pinTalos } from '../../talos/pin-talos.ts';
import { probeCertificate } from '../../talos/probe-certificate.ts';
import { VirtualClock } from '../fakes/virtual-clock.ts';
import type { LineLog } from './line-log.ts';
import { startLoneNode } from './lone-node.fixture.ts';
import { MachineTime } from './machine-time.ts';
import { MessageQueue } from './message-queue.ts';
import type { MachineFault } from './scenario.ts';

const hour = 3_600;
const never = new AbortController().signal;

describe('the time of a simulated machine', () => {
  const open: { close(): unknown }[] = [];
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
  });

  const aheadOf = ({ clock }: MachineTime, truth: VirtualClock) =>
    (clock.now().getTime() - truth.now().getTime()) / 1000;
  const boot = async (time: MachineTime) => {
    let jumps = 0;
    await time.keep(async () => void (jumps += 1), never);
    return jumps;
  };

  it('is right without a fault, and stays wrong while no time server answers', async () => {
    const truth = new VirtualClock();
    const right = new MachineTime(truth, undefined);
    expect([right.isInSync, aheadOf(right, truth), right.serverTime]).toEqual([true, 0, truth.now()]);
    const wrong = new MachineTime(truth, { kind: 'clock-skew', seconds: -hour });
    expect(await boot(wrong)).toBe(0);
    expect([wrong.isInSync, aheadOf(wrong, truth), wrong.serverTime]).toEqual([false, -hour, undefined]);
  });

  it('is set in the boot in which a time server answers, and stays right', async () => {
    const truth = new VirtualClock();
    const time = new MachineTime(truth, { kind: 'clock-skew', seconds: hour, timeServer: { setsInBoot: 2 } });
    expect(await boot(time)).toBe(0);
    expect([time.isInSync, time.serverTime]).toEqual([false, undefined]);
    expect(await boot(time)).toBe(1);
    expect([time.isInSync, aheadOf(time, truth), time.epoch]).toEqual([true, 0, 1]);
    expect(await boot(time)).toBe(0);
  });

  it('is as wrong as a time server that is wrong, and in sync', async () => {
    const truth = new VirtualClock();
    const time = new MachineTime(truth, { kind: 'clock-skew', seconds: hour, timeServer: 'agrees' });
    expect(await boot(time)).toBe(0);
    expect([time.isInSync, aheadOf(time, truth)]).toEqual([true, hour]);
    expect(time.serverTime).toEqual(time.clock.now());
  });

  /** Resolves when the line is in the log. */
  const said = async (log: LineLog, text: string) => {
    const lines = new MessageQueue<string>(never);
    for (const line of log.last(-1)) lines.put(line);
    log.follow(lines);
    for await (const line of lines) if (line.includes(text)) return;
  };
  const start = async (seconds: number, isInstalled: boolean, timeServer?: 'agrees' | { setsInBoot: number }) => {
    const skew: MachineFault = { kind: 'clock-skew', seconds, ...(timeServer === undefined ? {} : { timeServer }) };
    const lone = await startLoneNode({ net: 107, talosVersion: 'v1.13.9', isInstalled, faults: { 'cp-1': [skew] } });
    open.push(lone);
    const client = connectTalos({ address: lone.address, ...(isInstalled ? { keys: lone.keys } : {}) });
    open.unshift(client);
    return { lone, client };
  };

  it('is told over the API, with what the time server says of it', async () => {
    const { client } = await start(hour, false, 'agrees');
    const { local, ahead } = await client.time();
    expect(ahead).toBe(0);
    expect((local - nodeClock.now().getTime()) / 1000).toBeGreaterThan(hour - 60);
  });

  it('is not told when no time server answers', async () => {
    const { client } = await start(hour, false);
    await expect(client.time()).rejects.toThrow('error querying NTP server');
  });

  it('dates the certificate of the API, which nobody takes whose clock is right', async () => {
    const { lone, client } = await start(hour, true);
    await expect(client.version()).rejects.toMatchObject({ code: 'talos/certificate-out-of-date' });
    await expect(probeCertificate({ address: lone.address })).resolves.toBeDefined();
  });

  it('can be asked by who knows its key, although its certificate in maintenance mode will be valid later', async () => {
    const { lone } = await start(hour, false, 'agrees');
    const { address } = lone;
    const { fingerprint } = await probeCertificate({ address });
    const pinned = await pinTalos({ address }, fingerprint);
    const client = connectTalos({ address, pinned });
    open.unshift(client);
    await expect(client.version()).resolves.toMatchObject({ tag: 'v1.13.9' });
    await lone.node.renewCertificate();
    const misled = connectTalos({ address, pinned });
    open.unshift(misled);
    await expect(misled.version()).rejects.toMatchObject({ code: 'talos/foreign-certificate' });
  });

  it('lets no certificate in that will be valid later, by a clock that is behind', async () => {
    const { client } = await start(-hour, true);
    await expect(client.version()).rejects.toMatchObject({ code: 'talos/keys-expired' });
  });

  it('gets a new certificate for the API when it is set, and etcd starts only then', async () => {
    const { lone, client } = await start(hour, true, { setsInBoot: 1 });
    await said(lone.node.kernelLog, 'the clock was set');
    await expect(client.version()).resolves.toMatchObject({ tag: 'v1.13.9' });
    await said(lone.node.logOf('etcd'), 'Preparing');
    expect(lone.node.logOf('etcd').last(-1)[0]).toContain('Waiting for time sync');
  });

  it('keeps etcd from its bootstrap while it is not in sync', async () => {
    const { lone, client } = await start(0, true);
    await said(lone.node.logOf('cri'), 'Running');
    await expect(client.bootstrap()).rejects.toThrow('time is not in sync yet');
    expect(lone.node.unmet.map(({ name }) => name)).toContain('time');
  });
});
