import { describe, expect, it } from 'vitest';
import type { Event } from '../core/event.ts';
import { millis } from '../core/millis.ts';
import { MemoryFiles } from '../test/fakes/memory-files.ts';
import { VirtualClock } from '../test/fakes/virtual-clock.ts';
import { healthySpec } from './checks/testing/healthy-rack.ts';
import type { OpenRack, RackPorts } from './open-rack.ts';
import { type ApplyOptions, runApply } from './run-apply.ts';
import { rackFileDigest } from './run-plan-install.ts';

describe('apply', () => {
  it.each([
    ['of a check that protects data', { check: 'old-install', reason: 'lab' }],
    ['without a reason', { check: 'cpu', reason: ' ' }],
    ['of a machine that is not in the rack file', { check: 'cpu', machine: 'cp-9', reason: 'lab' }],
  ])('refuses a plan file with an override %s, before it looks at a machine', async (_what, override) => {
    const files = new MemoryFiles();
    const never = new AbortController().signal;
    const events: Event[] = [];
    const rack = { rackFile: { spec: healthySpec }, directory: '/rack' };
    const sha256 = await rackFileDigest({ options: rack, ports: { files } } as unknown as OpenRack, '/rack/rack.yaml');
    const options = {
      ...rack,
      stateDirectory: '/state',
      identityPath: '/identity',
      planFile: 'plan.yaml',
      discoveryTimeout: millis(1),
      retry: [],
      emit: (event: Event) => void events.push(event),
      pause: never,
      stop: never,
      file: {
        made: '2026-09-11T10:00:00.000Z',
        rackFile: { path: '/rack/rack.yaml', sha256 },
        overrides: [override],
        facts: {},
        plan: { rack: healthySpec.name, digest: '', machines: [], steps: [] },
      },
    } as unknown as ApplyOptions;
    const exitCode = await runApply(options, { files, clock: new VirtualClock() } as unknown as RackPorts);
    expect(exitCode).toBe(4);
    expect(events).toMatchObject([{ type: 'run.finished', fault: { code: 'installer/override-refused' } }]);
    expect(await files.readText('/state/journal.jsonl')).toBeUndefined();
  });
});
