import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { type PlanFile, parsePlanFile, renderPlanFile } from './plan-file.ts';

const file: PlanFile = {
  apiVersion: 'rackwright.dev/v1alpha1',
  kind: 'InstallPlan',
  made: '2026-09-11T10:00:00.000Z',
  rackFile: { path: '/etc/rack.yaml', sha256: 'ab' },
  overrides: [{ check: 'cpu', machine: 'cp-1', reason: 'lab: "yes"\nreally' }],
  facts: { 'cp-1': { disk: 'serial S1', 'on the disk': 'nothing' } },
  plan: { rack: 'rack-7', digest: 'd', machines: [], steps: [], checks: [], estimatedMinutes: 3 },
};
const read = (text: string) => parsePlanFile('p', text);

describe('a plan file', () => {
  it.each(['json', 'yaml'] as const)('is what it was, after being written as %s', async (form) => {
    expect(await read(await renderPlanFile(file, form))).toEqual(file);
  });

  it('is the same plan in another form and another order of keys', async () => {
    const sealed = parse(await renderPlanFile(file, 'json')) as Record<string, unknown>;
    expect(await read(stringify(Object.fromEntries(Object.entries(sealed).reverse())))).toEqual(file);
  });

  it.each([
    ['a fact', (text: string) => text.replace('serial S1', 'serial S2'), 'installer/plan-edited'],
    ['an override', (text: string) => text.replace('"cpu"', '"memory"'), 'installer/plan-edited'],
    ['a step', (text: string) => text.replace('"steps": []', '"steps": [{"id": "x"}]'), 'installer/plan-edited'],
    ['its time', (text: string) => text.replace('T10:', 'T11:'), 'installer/plan-edited'],
    ['the rack file', (text: string) => text.replace('/etc/', '/tmp/'), 'installer/plan-edited'],
    ['the version', (text: string) => text.replace('v1alpha1', 'v2'), 'installer/plan-version-unknown'],
    ['the kind', (text: string) => text.replace('InstallPlan', 'Rack'), 'installer/plan-unreadable'],
    ['a key', (text: string) => text.replace('"facts"', '"fact"'), 'installer/plan-unreadable'],
    ['its end', (text: string) => text.slice(0, -20), 'installer/plan-unreadable'],
    ['all of it', () => 'hello', 'installer/plan-unreadable'],
    ['everything', () => '', 'installer/plan-unreadable'],
  ])('is refused when somebody has changed %s', async (_what, change, code) => {
    const text = await renderPlanFile(file, 'json');
    const changed = change(text);
    expect(changed).not.toBe(text);
    await expect(read(changed)).rejects.toMatchObject({ code, exitCode: 4 });
  });
});
