import { describe, expect, it } from 'vitest';
import { Journal } from '../core/journal.ts';
import { minutes } from '../core/millis.ts';
import { MemoryFiles } from '../test/fakes/memory-files.ts';
import { VirtualClock } from '../test/fakes/virtual-clock.ts';
import { healthySpec } from './checks/testing/healthy-rack.ts';
import type { OpenRack } from './open-rack.ts';
import { prepareInstall } from './prepare-install.ts';

/** Prepares a whole install of a rack in which these steps are done; how it ended, `looked` when it came to look at machines. */
async function prepare(...done: readonly string[]): Promise<string> {
  const journal = await Journal.open('/journal', { files: new MemoryFiles(), clock: new VirtualClock() });
  for (const step of done) await journal.append({ type: 'step.confirmed', step });
  const open = {
    journal,
    options: { rackFile: { spec: healthySpec } },
    execute: () => Promise.reject(new Error('looked')),
    watch: { rack: () => ({ machines: new Map() }) },
  } as unknown as OpenRack;
  return prepareInstall(open, { overrides: [], discoveryTimeout: minutes(1) }).then(
    () => 'prepared',
    (thrown: unknown) => (thrown as { code?: string }).code ?? (thrown as Error).message,
  );
}

describe('prepareInstall', () => {
  it('brings no control plane into a cluster that lives: that is for node add, one by one', async () => {
    expect(await prepare('bootstrap-etcd', 'install/cp-1', 'install/cp-2')).toBe('installer/joins-a-cluster');
  });

  it('goes on where all control planes were begun, and where there is no cluster yet', async () => {
    expect(await prepare('bootstrap-etcd', 'install/cp-1', 'install/cp-2', 'install/cp-3')).toBe('looked');
    expect(await prepare('install/cp-1')).toBe('looked');
  });
});
