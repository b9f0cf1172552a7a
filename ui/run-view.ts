import type { BootTimelines } from '../core/boot-timeline.ts';
import type { ExitCode, FaultView } from '../core/fault.ts';
import type { MacAddress } from '../core/mac-address.ts';
import type { PlanView } from '../core/plan-view.ts';

/** What the events of a run come to: everything that a face draws from, and nothing that a face decides. */
export interface RunView {
  readonly command: string;
  readonly rack: string;
  readonly startedAt?: string;
  readonly listening?: { readonly interface: string; readonly address: string; readonly services: readonly string[] };
  /** In the order of the rack file. */
  readonly machines: readonly MachineView[];
  /** Machines that asked to boot and are not in the rack file. */
  readonly strangers: readonly StrangerView[];
  /** How each machine booted last. */
  readonly boots: BootTimelines;
  /** The last file that somebody fetched. */
  readonly transfer?: TransferView;
  /** How many packets were dropped, by reason. */
  readonly drops: ReadonlyMap<string, number>;
  /** In the order of the plan. */
  readonly steps: readonly StepView[];
  readonly plan?: PlanView;
  /** Digest of the plan that was approved. */
  readonly approved?: string;
  /** The steps that were on their way when the operator asked to leave. */
  readonly interrupted?: readonly string[];
  readonly outcome?: OutcomeView;
}

export interface MachineView {
  readonly name: string;
  readonly role: string;
  readonly address?: string;
  /** Talos' word for what it does, or `booting` while its firmware is at work. */
  readonly stage?: string;
  readonly boot?: { readonly mac: MacAddress; readonly firmware: string; readonly decision: string };
}

export interface StrangerView {
  readonly mac: MacAddress;
  readonly address?: string;
  readonly firmware?: string;
  readonly reason: string;
}

export interface TransferView {
  readonly address: string;
  readonly file: string;
  readonly protocol: string;
  readonly bytes: number;
  readonly complete: boolean;
}

export type StepStatus = 'planned' | 'waiting' | 'running' | 'done' | 'failed' | 'held';

export interface StepView {
  readonly id: string;
  readonly title: string;
  readonly machine?: string;
  readonly status: StepStatus;
  /** When it was first looked at. */
  readonly since?: string;
  /** What it waits for, or why it was held. */
  readonly reason?: string;
  readonly fault?: FaultView;
}

export interface OutcomeView {
  readonly text: string;
  readonly exitCode: ExitCode;
  readonly next?: string;
  readonly fault?: FaultView;
}

export const emptyView: RunView = {
  command: '',
  rack: '',
  machines: [],
  strangers: [],
  boots: new Map(),
  drops: new Map(),
  steps: [],
};

/** A step that somebody is waiting for right now. */
export const isActive = (step: StepView): boolean => step.status === 'waiting' || step.status === 'running';
