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
  | { type: 'file.served'; address: string; file: string; protocol: 'tftp' | 'http'; bytes: number; complete: boolean }
  | { type: 'packet.dropped'; from: string; reason: string }
  | { type: 'machine.observed'; machine: string; address: string; stage: string }
  | { type: 'machine.held'; mac: MacAddress; address?: string; reason: string }
  | { type: 'plan.proposed'; plan: PlanView }
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
