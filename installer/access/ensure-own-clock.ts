import { defineFault } from '../../core/fault.ts';
import type { OwnClockProbe } from '../checks/probe-own-clock.ts';

const clockUnset = defineFault('installer/own-clock-unset', {
  kind: 'operator',
  exitCode: 3,
  title: () => 'No certificate was minted: the clock of this computer is not synchronised',
  state: () => 'Nothing was written.',
  remedy: () =>
    'Let chrony or systemd-timesyncd set it. If you have compared it with another clock, give --despite-clock: by a wrong one the certificate is not good yet, or ends too early.',
});

/** Before a certificate is minted offline, where nobody but the system can be asked for the time. Fault `installer/own-clock-unset`. */
export async function ensureOwnClock(host: OwnClockProbe['host']): Promise<void> {
  if ((await host.isClockSynchronized()) === false) throw clockUnset({});
}
