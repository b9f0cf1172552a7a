import { mkdtemp, rm, stat } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeFiles } from '../../bin/platform/node-files.ts';
import { type BootTimelines, foldBoot, maintenanceConfigName } from '../../core/boot-timeline.ts';
import type { StampedEvent } from '../../core/event.ts';
import { explainStall } from '../../core/explain-stall.ts';
import { millis, minutes } from '../../core/millis.ts';
import { openUki } from '../../pxe/assets/read-uki.ts';
import { findLoaders } from '../../pxe/ipxe/find-loaders.ts';
import { maintenanceConfig, type Run, runs } from './firmware-runs.ts';
import { diskWords, makeBiosDisk, makeEfiDisk } from './make-disk.ts';
import { makeUki } from './make-uki.ts';
import { lans, machineAddress, ownAddress } from './provisioning-network.ts';
import { renderCapture } from './render-capture.ts';
import { readVersions, renderFirmwarePage } from './render-firmware-page.ts';
import { type RunResult, runFirmware, type Site } from './run-firmware.ts';
import { signUki } from './sign-uki.ts';

/** An emulator that gets too little of its host fails the check of the timer, and Linux panics. */
const ofX64 = 'console=ttyS0 panic=1 no_timer_check';
const commandLines = {
  amd64: `${ofX64} rackwright.proof=embedded-in-the-uki`,
  arm64: 'console=ttyAMA0 panic=1 rackwright.proof=embedded-in-the-uki',
};
const diskCommandLine = `${ofX64} ${diskWords.replaceAll(' ', '-')}`;
const root = join(import.meta.dirname, '..', '..');

let site: Site;
const results = new Map(runs.map((run) => [run.id, Promise.withResolvers<RunResult>()]));

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'rackwright-firmware-'));
  const ukis = {
    amd64: await makeUki(directory, 'amd64', commandLines.amd64),
    arm64: await makeUki(directory, 'arm64', commandLines.arm64),
  };
  const loaders = Object.fromEntries((await findLoaders(nodeFiles)).map(({ name, path }) => [name, path]));
  const disk = await makeUki(directory, 'amd64', diskCommandLine, { name: 'disk.efi' });
  site = {
    directory,
    ukis,
    signed: await signUki(directory, ukis.amd64),
    loaders,
    disks: { bios: await makeBiosDisk(directory), efi: await makeEfiDisk(directory, disk) },
  };
  // The slow ones stand at the end, and begin first.
  const waiting = [...runs.entries()].toReversed();
  for (const { promise } of results.values()) promise.catch(() => undefined);
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, run] = next;
      const result = results.get(run.id);
      await runFirmware(run, index, site).then(result?.resolve, result?.reject);
    }
  };
  for (let lane = 0; lane < Math.max(3, Math.floor(availableParallelism() / 2)); lane += 1) void work();
}, 300_000);

afterAll(async () => {
  await Promise.allSettled(results.values().map(({ promise }) => promise));
  await rm(site.directory, { recursive: true, force: true });
}, 600_000);

const allTime = 1_200_000;
const named = (wanted: (run: Run) => boolean) =>
  runs.filter(wanted).map((run) => [`${run.way.name}, beside a DHCP server that ${lans[run.lan].words}`, run] as const);
const resultOf = async ({ id }: Run): Promise<RunResult> => {
  const result = await results.get(id)?.promise;
  if (result === undefined) throw new Error(`there is no run ${id}`);
  return result;
};
const fails = ({ way, lan }: Run) => way.fails?.[lan] !== undefined;
const goesToDisk = ({ way }: Run) => way.intent?.kind === 'local-disk';
const boots = (run: Run) => !run.isStranger && !fails(run) && !goesToDisk(run);
const isAstray = (run: Run) => fails(run) && run.lan !== 'silent';
const servedIn = (lines: RunResult['lines']) => lines.filter((line) => line['type'] === 'file.served');

/** As `rackwright boot trace` tells it, ten minutes after the last event. */
function traceOf({ lines }: RunResult) {
  const events = lines.filter((line) => typeof line['type'] === 'string') as unknown as readonly StampedEvent[];
  const [timeline] = events.reduce<BootTimelines>((all, event) => foldBoot(all, event), new Map()).values();
  if (timeline === undefined) throw new Error('nobody was seen to boot');
  const last = Date.parse(timeline.moments.at(-1)?.at ?? '');
  return { timeline, stall: explainStall(timeline, millis(last + minutes(10))) };
}

describe('firmware that is to boot', () => {
  it.each(named(boots))(
    '%s',
    async (_, run) => {
      const { outcome, lines, mac, uuid } = await resultOf(run);
      const { way } = run;
      const architecture = way.files[0]?.includes('arm64') ? 'arm64' : 'amd64';
      const isIpxe = way.files.some((file) => file.endsWith('.ipxe'));
      // An EFI program is told its own name first, which means nothing to the kernel.
      const name = way.files.includes('snponly.efi') ? 'talos-amd64.linux ' : '';
      const config = /talos\.config=\S+ /.exec(outcome.kind === 'booted' ? outcome.commandLine : '')?.[0] ?? '';
      const commandLine = `${name}${isIpxe ? 'initrd=talos-amd64.initrd ' : ''}${config}${commandLines[architecture]}`;
      expect(outcome).toEqual({ kind: 'booted', commandLine });
      expect(config !== '').toBe(way.files.includes(maintenanceConfigName));
      const served = servedIn(lines);
      expect(served.map((line) => line['file'])).toEqual(way.files);
      const address = way.addressesTo === undefined ? machineAddress : ownAddress;
      for (const line of served) expect(line).toMatchObject({ complete: true, address });
      const given = way.isSigned ? site.signed : site.ukis[architecture];
      if (!isIpxe) expect(served[0]?.['bytes']).toBe((await stat(given)).size);
      const initrd = served.find((line) => line['file'] === 'talos-amd64.initrd');
      if (isIpxe) expect(initrd?.['bytes']).toBe((await openUki(nodeFiles, site.ukis.amd64))?.initrd?.sizeBytes);
      // What the firmware said of itself, and the address that it took.
      expect(lines).toContainEqual(
        expect.objectContaining({ kind: 'boot', mac, ...(way.ownMac === undefined ? { uuid } : {}) }),
      );
      expect(lines).toContainEqual(expect.objectContaining({ kind: 'address', mac, address }));
    },
    allTime,
  );

  it.each(named(({ way }) => way.files.includes(maintenanceConfigName)))(
    '%s: its system gets the config at the URL in its command line, and only once',
    async (_, run) => {
      const result = await resultOf(run);
      const [first, second] = [...result.console.matchAll(/CONFIG-\w+-TIME=(.*)=\r?\n/g)].map(([, text]) => text);
      expect(first).toBe(maintenanceConfig.trim());
      expect(second).toContain('404');
      expect(traceOf(result).timeline.moments.map(({ kind }) => kind)).toContain('configured');
      const [, secret = 'none'] = /\/config\/([\w-]+)/.exec(result.console) ?? [];
      const events = result.lines.filter((line) => typeof line['type'] === 'string' && line['type'].includes('.'));
      expect(JSON.stringify(events)).not.toContain(secret);
    },
    allTime,
  );
});

describe('an installed machine', () => {
  it.each(named(goesToDisk))(
    '%s',
    async (_, run) => {
      const { outcome, lines } = await resultOf(run);
      expect(outcome).toEqual({ kind: 'disk' });
      expect(servedIn(lines).map((line) => line['file'])).toEqual(run.way.files);
      expect(lines).toContainEqual(expect.objectContaining({ type: 'boot.decided', decision: 'local-disk' }));
    },
    allTime,
  );
});

describe('firmware that another DHCP server leads astray', () => {
  it.each(named(isAstray))(
    '%s',
    async (_, run) => {
      const { outcome, lines } = await resultOf(run);
      expect(outcome.kind).toBe('failed');
      // We did what there is to do: it was offered a boot file, and did not come for it.
      expect(lines.filter((line) => line['type'] === 'boot.decided')).toHaveLength(1);
      expect(servedIn(lines)).toEqual([]);
    },
    allTime,
  );
});

describe('firmware that does not start what it fetched', () => {
  it.each(named((run) => fails(run) && run.lan === 'silent'))(
    '%s: the boot trace tells why',
    async (_, run) => {
      const result = await resultOf(run);
      expect(result.outcome.kind).toBe('failed');
      expect(servedIn(result.lines)[0]).toMatchObject({ file: run.way.files[0], complete: true });
      const { stall } = traceOf(result);
      expect(stall?.shows).toContain(result.outcome.kind === 'failed' ? result.outcome.console : '');
      expect(stall?.cause).toMatch(/Secure Boot|did not start it/);
    },
    allTime,
  );
});

describe('a machine that is not in the rack', () => {
  it.each(named((run) => run.isStranger))(
    '%s: not one datagram leaves the server',
    async (_, run) => {
      const { outcome, lines } = await resultOf(run);
      expect(outcome).toEqual({ kind: 'ignored' });
      expect(lines.filter((line) => line['type'] === 'sent' || line['type'] === 'file.served')).toEqual([]);
    },
    allTime,
  );
});

describe('what is published', () => {
  it.each(runs.map((run) => [run.id, run] as const))(
    'the capture of %s is as it was',
    async (id, run) => {
      const { lines } = await resultOf(run);
      const title = `${run.way.name}\nbeside a DHCP server that ${lans[run.lan].words}${run.isStranger ? '; not in the rack' : ''}`;
      const path = join(root, 'pxe', 'testdata', 'captures', `${id}.txt`);
      await expect(renderCapture(title, lines)).toMatchFileSnapshot(path);
    },
    allTime,
  );

  it(
    'docs/firmware.md says what was seen',
    async () => {
      const all = await Promise.all(runs.map(resultOf));
      const page = renderFirmwarePage(all, await readVersions());
      await expect(page).toMatchFileSnapshot(join(root, 'docs', 'firmware.md'));
    },
    allTime,
  );
});
