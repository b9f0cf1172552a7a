/** A plan as it is shown before anything is written, and as it is approved: data only. */
export interface PlanView {
  readonly rack: string;
  /** SHA-256 over what the operator approves; a plan that would do something else has another one. */
  readonly digest: string;
  readonly machines: readonly PlannedMachine[];
  readonly steps: readonly PlannedStep[];
}

export interface PlannedMachine {
  readonly name: string;
  readonly role: string;
  /** Where it answers now, and where it will. */
  readonly from: string;
  readonly address: string;
  readonly uuid?: string;
  readonly macs: readonly string[];
  /** Absent when Talos is installed already and no disk is written. */
  readonly writes?: PlannedDisk;
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
}
