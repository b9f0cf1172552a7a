import type { CheckResult } from './check-result.ts';

/** A plan as it is shown before anything is written, and as it is approved: data only. */
export interface PlanView {
  readonly rack: string;
  /** SHA-256 over what the operator approves; a plan that would do something else has another one. */
  readonly digest: string;
  readonly machines: readonly PlannedMachine[];
  readonly steps: readonly PlannedStep[];
  /** What the checks before the first write found; absent where nothing was checked. */
  readonly checks?: readonly CheckResult[];
  /** How long all of it takes, in minutes: an estimate. */
  readonly estimatedMinutes?: number;
}

export interface PlannedMachine {
  readonly name: string;
  readonly role: string;
  /** Where it answers now, and where it will. */
  readonly from: string;
  readonly address: string;
  readonly uuid?: string;
  readonly macs: readonly string[];
  /** Of the certificate that it shows in maintenance mode, as on its console; only a machine with it is written. */
  readonly fingerprint?: string;
  /** Absent when Talos is installed already, or a check stands in the way, and no disk is written. */
  readonly writes?: PlannedDisk;
  /** The checks that stand in the way of writing it. */
  readonly blockedBy?: readonly string[];
  /** What its config changes, against the one that it runs or against nothing; no secret is in it. */
  readonly changes?: readonly PlannedChange[];
}

/** One value of a config: absent `before` is new, absent `after` is gone. */
export interface PlannedChange {
  /** `main`, or kind and name. */
  readonly document: string;
  readonly path: string;
  readonly before?: string;
  readonly after?: string;
}

export interface PlannedDisk {
  readonly path: string;
  readonly serial?: string;
  readonly wwid?: string;
  readonly model?: string;
  readonly sizeBytes: string;
  /** What is on the disk now and will be lost; empty for a blank disk. */
  readonly signatures: readonly string[];
}

export interface PlannedStep {
  readonly id: string;
  readonly title: string;
  readonly machine?: string;
  readonly after: readonly string[];
  /** An estimate. */
  readonly estimatedMinutes?: number;
}
