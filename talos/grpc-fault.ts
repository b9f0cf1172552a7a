import { type ServiceError, status } from '@grpc/grpc-js';
import type { Fault } from '../core/fault.ts';
import { ruleFor } from './retry-rules.ts';
import { talosCancelled, talosUnreachable } from './talos-faults.ts';

export interface FaultContext {
  readonly at: string;
  readonly call: string;
  /** We have cancelled it: by the caller's signal, or because the deadline passed. */
  readonly ended?: 'signal' | 'deadline';
  /** Takes secrets out of a text that may quote what we sent. */
  readonly redact?: (text: string) => string;
}

/** A failed call as a fault: `environment` when waiting may help, `operator` when it does not. */
export function faultOfGrpc(error: Pick<ServiceError, 'code' | 'details'>, context: FaultContext): Fault {
  const { at, call, ended, redact = (text: string) => text } = context;
  const details = redact(withoutFrame(error.details));
  if (ended === 'signal') return talosCancelled({ at, call, reason: details });
  if (ended === 'deadline') return talosUnreachable({ at, call, reason: 'no answer in time' });
  return ruleFor({ code: error.code, call, details }).fault({ at, call, reason: details });
}

const unconnected = 'No connection established. ';

/** The call did not leave this computer: grpc-js found no connection to send it over. */
export const neverLeft = (error: Pick<ServiceError, 'code' | 'details'>): boolean =>
  error.code === status.UNAVAILABLE && error.details.startsWith(unconnected);

/** What went wrong, without the words that grpc-js puts around it when it cannot connect. */
const withoutFrame = (details: string): string =>
  details.replace(/^No connection established\. Last error: (Error: )?/, '').replace(/\.? ?Resolution note: ?$/, '');
