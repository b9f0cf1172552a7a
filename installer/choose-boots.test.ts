import { describe, expect, it } from 'vitest';
import type { Event } from '../core/event.ts';
import { Journal } from '../core/journal.ts';
import { type MacAddress } from '../core/mac-address.ts';
import { minutes } from '../core/millis.ts';
import { emptyRack, observe } from '../core/rack.ts';
import { exampleSpec } from '../talos/testing/example-request.ts';
import { MemoryFiles } from '../test/fakes/memory-files.ts';
import { VirtualClock } from '../test/fakes/virtual-clock.ts';
import { chooseBoots } from './choose-boots.ts';
import { installStepId } from './steps/install-machine.ts';

const spec = exampleSpec();
const [entry] = spec.machines;
const mac = '52:54:00:00:00:01' as MacAddress;
const other = '52:54:00:00:00:02' as MacAddress;
const stranger = '02:00:00:00:00:99' as MacAddress;

async function boots(memory: Record<string, string> | undefined, discoverFor?: ReturnType<typeof minutes>) {
  const clock = new VirtualClock();
  const journal = await Journal.open('/journal', { files: new MemoryFiles(), clock });
  const step = installStepId(entry?.name ?? '');
  const isInstalled = memory !== undefined;
  if (isInstalled) {
    await journal.append({ type: 'step.started', step, memory });
    await journal.append({ type: 'step.confirmed', step });
  }
  const machines = [{ ...entry, mac } as NonNullable<typeof entry>, ...spec.machines.slice(1)];
  const rack = observe(emptyRack, { kind: 'boot', mac, boot: { firmware: 'uefi-http' } });
  const events: Event[] = [];
  const { choose } = chooseBoots({
    spec: { ...spec, machines },
    watch: { rack: () => rack },
    journal,
    clock,
    emit: (event) => events.push(event),
    discoverFor,
  });
  return { choose, clock, journal };
}

describe('what a machine of the rack boots', () => {
  it.each([
    ['is not installed', undefined, 'boot'],
    ['is installed', { macs: `${other} ${mac}` }, 'local-disk'],
    ['was installed by a version that remembered one card', { mac }, 'local-disk'],
    ['was found installed', {}, 'local-disk'],
    ['has the name of one that was installed', { macs: other }, 'boot'],
  ])('when it %s', async (_, memory, kind) => {
    const { choose } = await boots(memory);
    expect(choose.intent(mac, undefined).kind).toBe(kind);
  });

  it('is nothing for one that was removed while it was silent, whatever its entry says, until it is released', async () => {
    const { choose, journal } = await boots(undefined);
    await journal.append({ type: 'machine.removed', machine: 'cp-9', macs: [mac] });
    expect(choose.intent(mac, undefined)).toMatchObject({
      kind: 'hold',
      machine: 'cp-9',
      reason: expect.stringMatching(/^it was removed from the cluster as cp-9 while it was silent/) as string,
    });
    await journal.append({ type: 'machine.released', machine: 'cp-9', reason: 'its disk was wiped' });
    expect(choose.intent(mac, undefined).kind).toBe('boot');
  });

  it('is nothing for a stranger, unless and only while strangers are welcome', async () => {
    expect((await boots(undefined)).choose.intent(stranger, undefined).kind).toBe('hold');
    const { choose, clock } = await boots(undefined, minutes(10));
    expect(choose.intent(stranger, undefined)).toEqual({ kind: 'boot' });
    await clock.sleep(minutes(11));
    expect(choose.intent(stranger, undefined).kind).toBe('hold');
  });
});
