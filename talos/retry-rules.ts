import { status } from '@grpc/grpc-js';
import type { Fault } from '../core/fault.ts';
import {
  talosAlreadyExists,
  talosAlreadyGone,
  talosCertificateOutOfDate,
  talosCertificateRequired,
  talosFailed,
  talosForbidden,
  talosForeignCertificate,
  talosKeysExpired,
  talosNotFound,
  talosNotReady,
  talosNotSupported,
  talosOtherNode,
  talosRefused,
  talosUnreachable,
} from './talos-faults.ts';

/** What the failure of a call says: try again later, there is nothing left to do, or trying again is of no use. */
export type Meaning = 'wait' | 'done' | 'stop';

export interface RetryRule {
  /** Names of methods; every one when left out. */
  readonly calls?: readonly string[];
  readonly code: status;
  readonly text?: RegExp;
  readonly means: Meaning;
  readonly fault: typeof talosRefused;
}

/** Deletions: what is not there need not be deleted. */
const deletions = [
  'EtcdRemoveMemberByID',
  'MetaDelete',
  'LogicalVolumeRemove',
  'VolumeGroupRemove',
  'PhysicalVolumeRemove',
  'Destroy',
  'Remove',
];

/**
 * Every way in which a call may fail; the first rule that fits counts, and the last ones fit every call. Texts: OpenSSL
 * as in Node 24, Talos 1.11 to 1.14, COSI.
 */
export const retryRules: readonly RetryRule[] = [
  // RFC 8446 6.2 alert 116; a Go server with TLS 1.2 says bad_certificate.
  {
    code: status.UNAVAILABLE,
    text: /certificate[ _]required|alert bad certificate|alert number (42|116)/i,
    means: 'stop',
    fault: talosCertificateRequired,
  },
  // RFC 8446 6.2 alert 45: what the machine finds when it looks at our certificate.
  {
    code: status.UNAVAILABLE,
    text: /alert certificate expired|alert number 45/i,
    means: 'wait',
    fault: talosKeysExpired,
  },
  {
    code: status.UNAVAILABLE,
    text: /unable to (verify the first|get (local )?issuer) certificate|self[- ]signed certificate|unknown ca\b|certificate signature failure/i,
    means: 'stop',
    fault: talosForeignCertificate,
  },
  // Certificates of machines live for a day: after a while without power, or with a wrong clock, this passes.
  {
    code: status.UNAVAILABLE,
    text: /certificate has expired|certificate is not yet valid/i,
    means: 'wait',
    fault: talosCertificateOutOfDate,
  },
  // A machine that was just given another address has a new certificate soon.
  {
    code: status.UNAVAILABLE,
    text: /does not match certificate's altnames/i,
    means: 'wait',
    fault: talosOtherNode,
  },
  // grpc-js, of a connection that was lost in the middle, but for ECONNRESET and ETIMEDOUT, which it calls UNAVAILABLE.
  {
    code: status.INTERNAL,
    text: /^Received RST_STREAM with code \d+ (triggered by internal client error|\(Call ended without gRPC status\))/,
    means: 'wait',
    fault: talosUnreachable,
  },
  // COSI in Talos: a resource type, or a namespace, that this version does not have.
  { code: status.PERMISSION_DENIED, text: /is not supported/, means: 'stop', fault: talosNotSupported },
  // Before 1.13 a machine in maintenance mode takes messages of 4 MiB; every other limit is 32 MiB.
  { code: status.RESOURCE_EXHAUSTED, text: /larger than/i, means: 'stop', fault: talosRefused },
  { calls: deletions, code: status.NOT_FOUND, means: 'done', fault: talosAlreadyGone },
  // LVM and MD answer so too; what exists has not been deleted.
  { calls: deletions, code: status.ALREADY_EXISTS, means: 'stop', fault: talosRefused },
  // Names that we made up or were given: an image, a disk. They do not appear by waiting.
  { calls: ['Pull', 'ImagePull', 'BlockDeviceWipe'], code: status.NOT_FOUND, means: 'stop', fault: talosRefused },

  { code: status.CANCELLED, means: 'wait', fault: talosUnreachable },
  { code: status.UNKNOWN, means: 'wait', fault: talosFailed },
  { code: status.INVALID_ARGUMENT, means: 'stop', fault: talosRefused },
  { code: status.DEADLINE_EXCEEDED, means: 'wait', fault: talosUnreachable },
  { code: status.NOT_FOUND, means: 'wait', fault: talosNotFound },
  // Whether it was for this cluster is for the caller to know: etcd data does not tell.
  { code: status.ALREADY_EXISTS, means: 'done', fault: talosAlreadyExists },
  { code: status.PERMISSION_DENIED, means: 'stop', fault: talosForbidden },
  { code: status.RESOURCE_EXHAUSTED, means: 'wait', fault: talosFailed },
  { code: status.FAILED_PRECONDITION, means: 'wait', fault: talosNotReady },
  { code: status.ABORTED, means: 'wait', fault: talosFailed },
  { code: status.OUT_OF_RANGE, means: 'stop', fault: talosRefused },
  { code: status.UNIMPLEMENTED, means: 'stop', fault: talosNotSupported },
  { code: status.INTERNAL, means: 'wait', fault: talosFailed },
  { code: status.UNAVAILABLE, means: 'wait', fault: talosUnreachable },
  { code: status.DATA_LOSS, means: 'wait', fault: talosFailed },
  { code: status.UNAUTHENTICATED, means: 'stop', fault: talosForbidden },
];

/** A status that is in no rule, such as one of a future gRPC. */
const unknownStatus: RetryRule = { code: status.UNKNOWN, means: 'wait', fault: talosFailed };

export function ruleFor({ code, call, details }: { code: status; call: string; details: string }): RetryRule {
  return (
    retryRules.find(
      (rule) => rule.code === code && (rule.calls?.includes(call) ?? true) && (rule.text?.test(details) ?? true),
    ) ?? unknownStatus
  );
}

const doneCodes: readonly string[] = ['talos/already-exists', 'talos/already-gone'];

/** What a fault of a call says about calling again. */
export const meaningOf = ({ kind, code }: Fault): Meaning =>
  kind === 'environment' ? 'wait' : doneCodes.includes(code) ? 'done' : 'stop';
