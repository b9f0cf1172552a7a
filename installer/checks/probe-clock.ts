import { faultFrom } from '../../core/fault.ts';
import type { TalosObservation } from '../../core/machine.ts';
import type { Clock } from '../../core/ports.ts';
import { connectTalos, pinTalos, type TalosClient } from '../../talos/index.ts';
import type { ClockReading, MachineProbes } from './probes.ts';

type WallClock = Pick<Clock, 'now'>;

const samples = 5;

/**
 * Asks a machine's own Talos API how late it is there, which it tells in maintenance mode from v1.13 on, and how quickly
 * it answers. Never rejects.
 */
export async function probeClock(
  { address, fingerprint = '' }: TalosObservation,
  clock: WallClock,
  signal: AbortSignal,
): Promise<Required<Pick<MachineProbes, 'clock'>> & Pick<MachineProbes, 'roundTrip'>> {
  try {
    const client = connectTalos({ address, pinned: await pinTalos({ address }, fingerprint, { signal }) });
    try {
      const roundTrip = await quickestAnswer(client, clock, signal);
      return { roundTrip, clock: await readClock(client, clock, signal) };
    } finally {
      client.close();
    }
  } catch (thrown) {
    return { clock: { kind: 'untold', why: faultFrom(thrown).message } };
  }
}

/** In milliseconds. The quickest says most: what took longer waited for something else. */
async function quickestAnswer(client: TalosClient, clock: WallClock, signal: AbortSignal): Promise<number> {
  let quickest = Infinity;
  for (let count = 0; count < samples; count += 1) {
    const before = clock.now().getTime();
    await client.version({ signal });
    quickest = Math.min(quickest, clock.now().getTime() - before);
  }
  return quickest;
}

/** The machine asks its time server before it answers, so the answer may be late; it is asked once, to be kind to that. */
async function readClock(client: TalosClient, clock: WallClock, signal: AbortSignal): Promise<ClockReading> {
  try {
    const before = clock.now().getTime();
    const { server, ahead, local } = await client.time(undefined, { signal });
    const after = clock.now().getTime();
    return {
      kind: 'told',
      aheadOfUs: local - (before + after) / 2,
      roundTrip: after - before,
      server,
      aheadOfServer: ahead,
    };
  } catch (thrown) {
    return { kind: 'untold', why: faultFrom(thrown).message };
  }
}
