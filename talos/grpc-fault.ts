import { type ServiceError, status } from '@grpc/grpc-js';
import type { Fault } from '../core/fault.ts';
import {
  talosAlreadyExists,
  talosCancelled,
  talosCertificateRequired,
  talosFailed,
  talosForbidden,
  talosForeignCertificate,
  talosNotFound,
  talosNotReady,
  talosNotSupported,
  talosRefused,
  talosUnreachable,
} from './talos-faults.ts';

type Row = typeof talosRefused;

/** What each status code of gRPC means when Talos or the channel gives it: wait, or stop. OK is not a fault. */
const faultOfStatus: Readonly<Record<Exclude<status, status.OK>, Row>> = {
  [status.CANCELLED]: talosUnreachable,
  [status.UNKNOWN]: talosFailed,
  [status.INVALID_ARGUMENT]: talosRefused,
  [status.DEADLINE_EXCEEDED]: talosUnreachable,
  [status.NOT_FOUND]: talosNotFound,
  [status.ALREADY_EXISTS]: talosAlreadyExists,
  [status.PERMISSION_DENIED]: talosForbidden,
  [status.RESOURCE_EXHAUSTED]: talosFailed,
  [status.FAILED_PRECONDITION]: talosNotReady,
  [status.ABORTED]: talosFailed,
  [status.OUT_OF_RANGE]: talosRefused,
  [status.UNIMPLEMENTED]: talosNotSupported,
  [status.INTERNAL]: talosFailed,
  [status.UNAVAILABLE]: talosUnreachable,
  [status.DATA_LOSS]: talosFailed,
  [status.UNAUTHENTICATED]: talosForbidden,
};

/** Cases that only the text tells apart; the first that fits counts. Texts: OpenSSL as in Node 24, Talos, COSI. */
const faultOfText: readonly { code: status; text: RegExp; fault: Row }[] = [
  // RFC 8446 6.2 alert 116; a Go server with TLS 1.2 says bad_certificate.
  {
    code: status.UNAVAILABLE,
    text: /certificate[ _]required|alert bad certificate|alert number (42|116)/i,
    fault: talosCertificateRequired,
  },
  {
    code: status.UNAVAILABLE,
    text: /unable to (verify the first|get (local )?issuer) certificate|self[- ]signed certificate|unknown ca\b|certificate signature failure/i,
    fault: talosForeignCertificate,
  },
  // COSI in Talos: a resource type that this version does not have.
  { code: status.PERMISSION_DENIED, text: /is not supported/, fault: talosNotSupported },
];

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
  const byText = faultOfText.find(({ code, text }) => code === error.code && text.test(details));
  const fault = byText?.fault ?? (error.code === status.OK ? talosFailed : faultOfStatus[error.code]);
  return fault({ at, call, reason: details });
}

/** What went wrong, without the words that grpc-js puts around it when it cannot connect. */
const withoutFrame = (details: string): string =>
  details.replace(/^No connection established\. Last error: (Error: )?/, '').replace(/\.? ?Resolution note: ?$/, '');
