import { defineFault } from '../core/fault.ts';

interface Call {
  /** Host and port of the machine. */
  readonly at: string;
  /** The method, as Talos calls it. */
  readonly call: string;
  /** What the other side or the network said. */
  readonly reason: string;
}

/** Methods that change nothing, however they end. */
const readingCalls: ReadonlySet<string> = new Set([
  'a TLS handshake',
  'a reading',
  'Version',
  'Get',
  'List',
  'Watch',
  'ServiceList',
  'Events',
  'HealthCheck',
  'Kubeconfig',
  'GenerateClientConfiguration',
  'Time',
  'TimeCheck',
  'EtcdMemberList',
  'EtcdStatus',
  'EtcdAlarmList',
  'EtcdSnapshot',
  'EtcdDowngradeValidate',
  'ImageList',
  'Dmesg',
  'Logs',
  'Read',
  'Copy',
]);

const unchanged = () => 'Nothing was changed by this call.';
const unknown = ({ call }: Call) =>
  readingCalls.has(call) ? unchanged() : `Whether ${call} had an effect is not known until the machine is read again.`;

export const talosUnreachable = defineFault<Call>('talos/unreachable', {
  kind: 'environment',
  title: ({ at, call, reason }) => `The Talos API at ${at} did not answer ${call}: ${reason}`,
  state: unknown,
  remedy: ({ at }) => `If this stays, look at the machine's console and at the way to ${at}.`,
});

export const talosCancelled = defineFault<Call>('talos/cancelled', {
  kind: 'environment',
  title: ({ at, call }) => `${call} at ${at} was cancelled on our side before it was answered`,
  state: unknown,
  remedy: () => 'Run the same command again: it looks first and goes on from there.',
});

export const talosNotReady = defineFault<Call>('talos/not-ready', {
  kind: 'environment',
  title: ({ at, call, reason }) => `The machine at ${at} cannot do ${call} yet: ${reason}`,
  state: unchanged,
  remedy: () => "Wait; if the reason stays the same, look at the machine's console.",
});

export const talosFailed = defineFault<Call>('talos/failed', {
  kind: 'environment',
  title: ({ at, call, reason }) => `${call} failed on the machine at ${at}: ${reason}`,
  state: unknown,
  remedy: () => "Read the reason; if it stays, look at the machine's console.",
});

export const talosNotFound = defineFault<Call>('talos/not-found', {
  kind: 'environment',
  title: ({ at, call, reason }) => `The machine at ${at} does not have what ${call} asks for: ${reason}`,
  state: unchanged,
  remedy: () => "Wait; if the reason stays the same, look at the machine's console.",
});

export const talosGarbled = defineFault<Call>('talos/garbled', {
  kind: 'environment',
  title: ({ at, call, reason }) => `The answer of ${at} to ${call} cannot be read: ${reason}`,
  state: unknown,
  remedy: ({ at }) => `Make sure that ${at} is a Talos machine of a supported version.`,
});

export const talosRefused = defineFault<Call>('talos/refused', {
  kind: 'operator',
  title: ({ at, call, reason }) => `The machine at ${at} refused ${call}: ${reason}`,
  state: unchanged,
  remedy: () => 'Change what the reason names in the rack file and run the same command again.',
});

export const talosAlreadyExists = defineFault<Call>('talos/already-exists', {
  kind: 'operator',
  title: ({ at, call, reason }) => `${call} was done before on the machine at ${at}: ${reason}`,
  state: unchanged,
  remedy: () => 'If that was not this cluster, wipe the machine before it is used here.',
});

export const talosForbidden = defineFault<Call>('talos/forbidden', {
  kind: 'operator',
  title: ({ at, call, reason }) => `The machine at ${at} does not allow us ${call}: ${reason}`,
  state: unchanged,
  remedy: () => 'Use a client certificate with the role os:admin.',
});

export const talosNotSupported = defineFault<Call>('talos/not-supported', {
  kind: 'operator',
  title: ({ at, call, reason }) => `The Talos at ${at} does not know ${call}: ${reason}`,
  state: unchanged,
  remedy: () => 'Boot a supported Talos version, or a machine with the right role.',
});

export const talosCertificateRequired = defineFault<Call>('talos/certificate-required', {
  kind: 'operator',
  title: ({ at }) => `The machine at ${at} has a Talos config and speaks only to holders of its cluster's keys`,
  state: unchanged,
  remedy: () => 'If it is to be installed anew, wipe it: talosctl reset with the keys of the cluster it belongs to.',
});

export const talosForeignCertificate = defineFault<Call>('talos/foreign-certificate', {
  kind: 'operator',
  title: ({ at, reason }) => `The machine at ${at} is not of this cluster, its certificate is not ours: ${reason}`,
  state: unchanged,
  remedy: () => 'Make sure that no other machine uses this address, and that these are the secrets of this cluster.',
});

export const talosConfiguredByOthers = defineFault<{ at: string }>('talos/configured-by-others', {
  kind: 'operator',
  title: ({ at }) => `The machine at ${at} has a Talos config that is not from here`,
  state: () => 'It was not touched.',
  remedy: () => 'If it is to be installed here, wipe it: talosctl reset with the keys of the cluster it belongs to.',
});

export const talosAlreadyGone = defineFault<Call>('talos/already-gone', {
  kind: 'operator',
  title: ({ at, call, reason }) => `What ${call} is to delete is not on the machine at ${at}: ${reason}`,
  state: unchanged,
  remedy: () => 'Nothing is left to do.',
});

export const talosOtherNode = defineFault<Call>('talos/other-node', {
  kind: 'environment',
  title: ({ at, reason }) => `At ${at} answers another machine of the cluster, its certificate is for: ${reason}`,
  state: unchanged,
  remedy: ({ at }) => `If this stays, two machines may use the address of ${at}; make sure that each has its own.`,
});

/** Talos says so too when by its own clock the certificate is not valid yet, which its time server mends. */
export const talosKeysExpired = defineFault<Call>('talos/keys-expired', {
  kind: 'environment',
  title: ({ at }) => `The machine at ${at} says that by its clock our client certificate is not valid`,
  state: unchanged,
  remedy: () =>
    'Make a new client certificate from the secrets of the cluster; if ours is valid, set the clock of the machine right.',
});

export const talosCertificateOutOfDate = defineFault<Call>('talos/certificate-out-of-date', {
  kind: 'environment',
  title: ({ at, reason }) => `The certificate of the machine at ${at} is not valid at this time: ${reason}`,
  state: unchanged,
  remedy: () =>
    'Compare the clocks of this computer and of the machine; the machine makes a new certificate by itself.',
});

export const talosFingerprintMismatch = defineFault<{ at: string; expected: string; found: string }>(
  'talos/fingerprint-mismatch',
  {
    kind: 'operator',
    title: ({ at, expected, found }) => `The machine at ${at} shows the fingerprint ${found}, not ${expected}`,
    state: () => 'Nothing was sent to it.',
    remedy: () =>
      "Compare with the fingerprint on the machine's console: it changes with each boot and each half day. If they differ, somebody is in between.",
  },
);

export const talosStreamCut = defineFault<Call>('talos/stream-cut', {
  kind: 'environment',
  title: ({ at, call, reason }) => `The answer of ${at} to ${call} ended before it was complete: ${reason}`,
  state: unknown,
  remedy: () => 'What came of it is not used. Run the same command again.',
});

export const talosInstallerFailed = defineFault<{ at: string; call: string; exitCode: number; output: string }>(
  'talos/installer-failed',
  {
    kind: 'operator',
    title: ({ at, call, exitCode, output }) =>
      `The installer that ${call} started on ${at} ended with ${exitCode}: ${output}`,
    state: () => 'The machine runs what it ran before. What is on the disk for the next boot is not known.',
    remedy: () =>
      'Do not reboot the machine before the reason is found in the output; then run the same command again.',
  },
);
