import type { BootEnd, Stage } from './talos-host.ts';

/** Something that takes a configured node down, as it was asked for over its API. */
export interface PowerAction {
  readonly sequence: 'reboot' | 'shutdown' | 'reset' | 'upgrade';
  /** Marks its events. */
  readonly actorId: string;
  readonly stage: Stage;
  /** While services still run. If it fails the sequence has failed, and the node reboots as it is. */
  readonly prepare?: () => unknown;
  /** When nothing runs any more. */
  readonly finish?: () => void;
  readonly end: BootEnd;
}
