import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { status } from '@grpc/grpc-js';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Event } from '../core/event.ts';
import { Journal } from '../core/journal.ts';
import { seconds } from '../core/millis.ts';
import { runPlan } from '../core/run-plan.ts';
import { type Plan, type Step, todo } from '../core/step.ts';
import { connectTalos, openSecrets, parseSecretsFile, renderMachineConfig, renderTalosconfig } from '../talos/index.ts';
import { exampleRequest } from '../talos/testing/example-request.ts';
import { everythingOf, leakFinder } from '../talos/testing/find-leaks.ts';
import { serveTalos, type TalosServer } from '../talos/testing/serve-talos.ts';
import { trueRandom } from '../talos/testing/true-random.ts';
import { MemoryFiles } from '../test/fakes/memory-files.ts';
import { VirtualClock } from '../test/fakes/virtual-clock.ts';
import { createFace } from '../ui/index.ts';
import { type ClusterSecrets, clusterSecrets } from './cluster-secrets.ts';
import { keepSecrets } from './steps/keep-secrets.ts';
import { writeAccessFile } from './steps/write-access-file.ts';

/** OpenSSL judges certificates by the real time. */
const clock = Object.assign(new VirtualClock(), { now: () => new Date() });
const paths = {
  sealed: '/state/secrets.age',
  identity: '/keys.txt',
  journal: '/state/journal.jsonl',
  access: '/talosconfig',
};

describe('a run of the installer', () => {
  const files = new MemoryFiles();
  const secrets: ClusterSecrets = clusterSecrets({
    path: paths.sealed,
    identityPath: paths.identity,
    files,
    clock,
    random: trueRandom,
  });
  const events: Event[] = [];
  let leaksIn: (text: string) => string[];

  const run = async (plan: Plan) => {
    const journal = await Journal.open(paths.journal, { files, clock });
    const never = new AbortController().signal;
    return runPlan({
      plan,
      journal,
      clock,
      emit: (event) => events.push(event),
      pollEvery: seconds(1),
      pause: never,
      stop: never,
    });
  };
  /** All that anybody ever sees of a run, and the one file that is open to who may read the folder of the state. */
  const shown = async () => [
    everythingOf(events),
    await printed('plain'),
    await printed('json'),
    (await files.readText(paths.journal)) ?? '',
  ];
  const printed = async (kind: 'plain' | 'json'): Promise<string> => {
    const sink = new PassThrough();
    const output = text(sink);
    const input = Object.assign(new PassThrough(), { isTTY: false });
    const face = createFace({ kind, out: sink, err: sink, input, clock, isUtf8: true, hasColour: false });
    for (const event of events) face.show({ ...event, at: clock.now().toISOString() });
    await face.close();
    sink.end();
    return output;
  };

  beforeAll(async () => {
    const keep = keepSecrets({
      path: paths.sealed,
      exists: async () => (await secrets.read()) !== undefined,
      mint: () => secrets.mint(),
    });
    const access = writeAccessFile({
      what: 'talosconfig',
      path: paths.access,
      after: [keep.id],
      files,
      isCurrent: async () => true,
      make: async () => renderTalosconfig({ cluster: 'rack-1', endpoints: [], keys: (await secrets.keys())! }),
      onWritten: (path) => events.push({ type: 'file.written', path, what: 'opens the Talos API' }),
    });
    expect(await run([keep, access])).toMatchObject({ done: [keep.id, access.id], failed: [] });
    leaksIn = leakFinder((await secrets.read())!, {
      identity: (await files.readText(paths.identity))!,
      clientKey: (await secrets.keys())!.key,
    });
  }, 60_000);

  it('shows no secret when it mints the keys and writes the files that open the cluster', async () => {
    expect(events.map(({ type }) => type)).toContain('file.written');
    for (const seen of await shown()) expect(leaksIn(seen)).toEqual([]);
    expect(leaksIn((await files.readText(paths.sealed))!)).toEqual([]);
    // What it is all about is in the places that are for it, and these are for their owner alone.
    expect(leaksIn((await files.readText(paths.access))!)).toEqual(['clientKey']);
    expect(leaksIn((await files.readText(paths.identity))!)).toEqual(['identity']);
    for (const path of [paths.access, paths.identity, paths.sealed]) expect(await files.mode(path)).toBe(0o600);
  });

  it('shows no secret when machines refuse their config with words of it', async () => {
    const opened = (await secrets.read())!;
    const config = renderMachineConfig({ ...exampleRequest('controlplane'), secrets: opened });
    const quotes = config.match(/[^]{1,3000}/g)!;
    expect(quotes.flatMap(leaksIn).length).toBeGreaterThan(9);
    let asked = 0;
    const server: TalosServer = await serveTalos({
      authority: opened.osCa,
      demandsClientCertificate: false,
      clock,
      machine: {
        applyConfiguration: (_, answer) =>
          answer({ code: status.INVALID_ARGUMENT, details: `cannot read "${quotes[asked++] ?? ''}"` }),
      },
    });
    const step = (_: string, at: number): Step => ({
      id: `install/${at}`,
      title: 'Install',
      after: [],
      timeout: seconds(60),
      check: async () => todo('waits'),
      apply: async () => {
        const client = connectTalos({ address: '127.0.0.1', port: server.port });
        await client.applyConfiguration({ config, mode: 'AUTO' }).finally(() => client.close());
      },
    });
    const { failed } = await run(quotes.map(step));
    server.close();
    expect(failed).toHaveLength(quotes.length);
    for (const { fault } of failed) {
      expect(fault).toMatchObject({ code: 'talos/refused', message: expect.stringContaining('cannot read') as string });
      expect(leaksIn(everythingOf(fault))).toEqual([]);
    }
    for (const seen of await shown()) {
      expect(seen).toContain('cannot read');
      expect(leaksIn(seen)).toEqual([]);
    }
  });

  it('shows no secret when its own files are spoilt, exchanged or open to others', async () => {
    const sealed = files.contents.get(paths.sealed)!;
    const identity = files.contents.get(paths.identity)!;
    const plain = await openSecrets(
      new TextDecoder().decode(sealed.bytes),
      new TextDecoder().decode(identity.bytes).trim(),
    );
    expect(parseSecretsFile(plain)).toEqual(await secrets.read());
    const bytes = (content: string) => ({ bytes: new TextEncoder().encode(content), mode: 0o600 });
    const spoilt: [code: string, change: () => void][] = [
      ['installer/secrets-too-open', () => files.contents.set(paths.sealed, { ...sealed, mode: 0o644 })],
      ['installer/secrets-too-open', () => files.contents.set(paths.identity, { ...identity, mode: 0o640 })],
      ['talos/secrets-locked', () => files.contents.set(paths.sealed, bytes(plain))],
      ['talos/secrets-locked', () => files.contents.set(paths.identity, bytes('AGE-SECRET-KEY-1CANARY\n'))],
      ['installer/identity-missing', () => files.contents.set(paths.identity, bytes(plain))],
    ];
    for (const [code, change] of spoilt) {
      change();
      const again = clusterSecrets({
        path: paths.sealed,
        identityPath: paths.identity,
        files,
        clock,
        random: trueRandom,
      });
      const { failed } = await run([
        keepSecrets({
          path: paths.sealed,
          exists: async () => (await again.read()) !== undefined,
          mint: () => again.mint(),
        }),
      ]);
      expect(failed).toMatchObject([{ fault: { code } }]);
      expect(leaksIn(everythingOf(failed))).toEqual([]);
      files.contents.set(paths.sealed, sealed).set(paths.identity, identity);
    }
    for (const seen of await shown()) expect(leaksIn(seen)).toEqual([]);
  });
});
