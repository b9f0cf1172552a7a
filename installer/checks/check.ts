import type { CheckResult } from '../../core/check-result.ts';
import type { Machine, TalosObservation } from '../../core/machine.ts';
import type { Rack } from '../../core/rack.ts';
import type { MachineSpec, RackSpec } from '../../core/rack-spec.ts';
import type { MachineProbes, RackProbes } from './probes.ts';

export type Finding = Pick<CheckResult, 'status' | 'says' | 'hint'>;

/** Everything that is known of one machine that is to be written. */
export interface MachineSubject {
  readonly spec: RackSpec;
  readonly entry: MachineSpec;
  readonly rack: Rack;
  /** Absent while the machine was not seen. */
  readonly machine?: Machine;
  /** Absent while it does not answer. */
  readonly talos?: TalosObservation;
  readonly probes: MachineProbes;
  /** Milliseconds since 1970 on this computer. */
  readonly now: number;
}

export interface RackSubject {
  readonly spec: RackSpec;
  readonly rack: Rack;
  readonly probes: RackProbes;
}

interface CheckRow {
  readonly id: string;
  /** What it makes sure of, in a few words. */
  readonly title: string;
  /** It protects what may be lost for ever, so that no reason is good enough to ignore it. */
  readonly isFinal?: true;
  /** It reads nothing but the rack file, and therefore always knows. */
  readonly isOfFile?: true;
}

/** One row of the catalog: a pure function of what is known. */
export interface MachineCheck extends CheckRow {
  readonly judge: (subject: MachineSubject) => Finding;
}

/** A check of the rack as a whole; when it fails, nothing is written at all. */
export interface RackCheck extends CheckRow {
  readonly judge: (subject: RackSubject) => Finding;
}

export const pass = (says: string): Finding => ({ status: 'pass', says });
export const fail = (says: string, hint: string): Finding => ({ status: 'fail', says, hint });
export const pending = (says: string, hint: string): Finding => ({ status: 'pending', says, hint });
export const unknown = (says: string, hint: string): Finding => ({ status: 'unknown', says, hint });

/** For what a machine that does not answer cannot tell. */
export const notAnswering = (name: string): Finding =>
  pending(`${name} does not answer yet`, 'Wait for it to boot; if it does not come up, look at its console.');
