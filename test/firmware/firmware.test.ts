import { mkdtemp, rm, stat } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeFiles } from '../../bin/platform/node-files.ts';
import { openUki } from '../../pxe/assets/read-uki.ts';
import { findLoaders } from '../../pxe/ipxe/find-loaders.ts';
import { type Run, runs } from './firmware-runs.ts';
import { makeUki } from './make-uki.ts';
import { lans } from './provisioning-network.ts';
import { renderCapture } from './render-capture.ts';
import { readVersions, renderFirmwarePage } from './render-firmware-page.ts';
import { type RunResult, runFirmware, type Site } from './run-firmware.ts';

const commandLines = {
  amd64: 'console=ttyS0 panic=1 rackwright.proof=embedded-in-the-uki',
  arm64: 'console=ttyAMA0 panic=1 rackwright.proof=embedded-in-the-uki',
};
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
  site = { directory, ukis, loaders };
  const waiting = [...runs.entries()];
  for (const { promise } of results.values()) promise.catch(() => undefined);
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, run] = next;
      const result = results.get(run.id);
      await runFirmware(run, index, site).then(result?.resolve, result?.reject);
    }
  };
  for (let lane = 0; lane < Math.max(2, Math.floor(availableParallelism() / 2)); lane += 1) void work();
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
const machines = (run: Run) => !run.isStranger;
const fails = ({ way, lan }: Run) => way.fails?.[lan] !== undefined;

describe('firmware that is to boot', () => {
  it.each(named((run) => machines(run) && !fails(run)))(
    '%s',
    async (_, run) => {
      const { outcome, lines, mac, uuid } = await resultOf(run);
      const architecture = run.way.firmware === 'aavmf-pxe' ? 'arm64' : 'amd64';
      const isIpxe = run.way.files.some((file) => file.endsWith('.ipxe'));
      // An EFI program is told its own name first, which means nothing to the kernel.
      const name = run.way.through === 'ipxe' ? 'talos-amd64.linux ' : '';
      const commandLine = `${name}${isIpxe ? 'initrd=talos-amd64.initrd ' : ''}${commandLines[architecture]}`;
      expect(outcome).toEqual({ kind: 'booted', commandLine });
      const served = lines.filter((line) => line['type'] === 'file.served');
      expect(served.map((line) => line['file'])).toEqual(run.way.files);
      for (const line of served) expect(line).toMatchObject({ complete: true, address: '10.98.0.50' });
      if (!isIpxe) expect(served[0]?.['bytes']).toBe((await stat(site.ukis[architecture])).size);
      else expect(served.at(-1)?.['bytes']).toBe((await openUki(nodeFiles, site.ukis.amd64))?.initrd?.sizeBytes);
      // What the firmware said of itself, and the address that another server gave it.
      expect(lines).toContainEqual(expect.objectContaining({ kind: 'boot', mac, uuid }));
      expect(lines).toContainEqual(expect.objectContaining({ kind: 'address', mac, address: '10.98.0.50' }));
    },
    allTime,
  );
});

describe('firmware that another DHCP server leads astray', () => {
  it.each(named((run) => machines(run) && fails(run)))(
    '%s',
    async (_, run) => {
      const { outcome, lines } = await resultOf(run);
      expect(outcome.kind).toBe('failed');
      // We did what there is to do: it was offered a boot file, and did not come for it.
      expect(lines.filter((line) => line['type'] === 'boot.decided')).toHaveLength(1);
      expect(lines.filter((line) => line['type'] === 'file.served')).toEqual([]);
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
