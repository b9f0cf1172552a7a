import type { CheckStatus } from './check-result.ts';
import type { ExitCode, FaultView } from './fault.ts';
import type { MacAddress } from './mac-address.ts';
import type { PlanView } from './plan-view.ts';

/**
 * Everything that a face can show. The screen, the plain lines and the JSON lines are folds of these and of nothing
 * else. Types are `noun.past`; they and their fields never change meaning once shipped, and never carry a secret.
 */
export type Event =
  | { type: 'run.started'; command: string; rack: string; machines: readonly { name: string; role: string }[] }
  | { type: 'boot.listening'; interface: string; address: string; services: readonly string[] }
  /** `machine` is the name in the rack file; absent for a stranger. */
  | { type: 'boot.decided'; mac: MacAddress; machine?: string; firmware: string; decision: string }
  /** A machine asked one of our two DHCP services; `isAnswered`: it was given a boot file. */
  | {
      type: 'boot.asked';
      mac: MacAddress;
      service: 'dhcp' | 'proxyDhcp';
      message: 'discover' | 'request' | 'other';
      firmware: string;
      architecture: string;
      networkCard?: string;
      isAnswered: boolean;
    }
  /** A machine uses this address from now on. */
  | { type: 'boot.addressed'; mac: MacAddress; address: string }
  /** Firmware asked how large a file is, and means to fetch it next. */
  | { type: 'file.probed'; address: string; file: string; protocol: 'tftp' | 'http'; bytes: number }
  | { type: 'file.started'; address: string; file: string; protocol: 'tftp' | 'http'; bytes: number }
  | {
      type: 'file.served';
      address: string;
      file: string;
      protocol: 'tftp' | 'http';
      bytes: number;
      complete: boolean;
      durationMillis?: number;
      /** How a TFTP transfer went: `options` are those that were agreed on. */
      tftp?: {
        readonly blockSize: number;
        readonly windowSize: number;
        readonly resentBlocks: number;
        readonly options: Readonly<Record<string, string>>;
      };
    }
  /** `untold`: so many more were dropped since the last event of this type. */
  | { type: 'packet.dropped'; from: string; reason: string; untold?: number }
  /** A DHCP lease of ours. `conflict`: somebody else uses the address, which is not given out for a while. */
  | { type: 'lease.changed'; mac: string; address: string; state: 'given' | 'renewed' | 'released' | 'conflict' }
  | { type: 'machine.observed'; machine: string; address: string; stage: string }
  | { type: 'machine.held'; mac: MacAddress; address?: string; reason: string }
  /** What one check before the first write found; without `machine`, a check of the whole rack. */
  | {
      type: 'check.finished';
      check: string;
      machine?: string;
      status: CheckStatus;
      says: string;
      hint?: string;
      override?: string;
    }
  | { type: 'plan.proposed'; plan: PlanView }
  /** Something about the plan that is worth a second look and stops nothing. */
  | { type: 'plan.doubted'; reason: string }
  | { type: 'plan.approved'; plan: string }
  | { type: 'step.started'; step: string; title: string; machine?: string }
  | { type: 'step.waiting'; step: string; title: string; machine?: string; reason: string }
  | { type: 'step.done'; step: string; title: string; machine?: string; alreadyDone: boolean }
  | { type: 'step.failed'; step: string; title: string; machine?: string; fault: FaultView }
  | { type: 'step.held'; step: string; title: string; machine?: string; because: string }
  | { type: 'file.written'; path: string; what: string }
  | { type: 'run.interrupted'; inFlight: readonly string[] }
  | { type: 'run.finished'; outcome: string; exitCode: ExitCode; next?: string; fault?: FaultView };

export type StampedEvent = Event & { readonly at: string };
export type Emit = (event: Event) => void;
