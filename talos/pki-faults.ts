import { defineFault } from '../core/fault.ts';

const unchanged = () => 'Nothing was changed, and no machine was asked.';

export const authorityUnusable = defineFault<{ authority: string; why: string }>('talos/authority-unusable', {
  kind: 'operator',
  exitCode: 4,
  title: ({ authority, why }) => `The secrets hold an authority that cannot be used, ${authority}: ${why}`,
  state: unchanged,
  remedy: () => 'Restore the secrets from a backup. New ones do not open a cluster that was made with the old ones.',
});

export const authorityExpired = defineFault<{ authority: string; since: string }>('talos/authority-expired', {
  kind: 'operator',
  exitCode: 4,
  title: ({ authority, since }) => `The authority ${authority} of the secrets expired on ${since}`,
  state: unchanged,
  remedy: () =>
    'Compare the clock of this machine; if it is right, the authority has to be rotated (talosctl rotate-ca).',
});

export const talosconfigInvalid = defineFault<{ reasons: readonly string[] }>('talos/talosconfig-invalid', {
  kind: 'operator',
  exitCode: 4,
  title: ({ reasons }) => `The talosconfig cannot be read: ${reasons.join('; ')}`,
  state: unchanged,
  remedy: () => 'Repair or restore the file; with the secrets of the cluster a new one can be made at any time.',
});

export const clientExpired = defineFault<{ since: string }>('talos/client-certificate-expired', {
  kind: 'operator',
  exitCode: 4,
  title: ({ since }) => `The client certificate of the talosconfig expired on ${since}`,
  state: unchanged,
  remedy: () => 'Make a new client certificate with the secrets of the cluster, or compare the clock of this machine.',
});

export const clientUnusable = defineFault<{ why: string }>('talos/client-certificate-unusable', {
  kind: 'operator',
  exitCode: 4,
  title: ({ why }) => `No machine would take the client certificate of the talosconfig: ${why}`,
  state: unchanged,
  remedy: () => 'Make a new client certificate with the secrets of the cluster.',
});

export const otherClusterKeys = defineFault('talos/other-cluster-keys', {
  kind: 'operator',
  exitCode: 4,
  title: () =>
    'The talosconfig and the secrets are of different clusters: their certificate authorities are not the same',
  state: unchanged,
  remedy: () => 'Use the talosconfig that was made from these secrets, or make a new client certificate with them.',
});

export const certificateUnreadable = defineFault<{ name: string }>('talos/certificate-unreadable', {
  kind: 'operator',
  exitCode: 4,
  title: ({ name }) => `This certificate cannot be read, so that nobody can tell how long it is good: ${name}`,
  state: unchanged,
  remedy: () => 'Restore the file that holds it; a new talosconfig or kubeconfig can be made from the secrets.',
});

export const kubeconfigInvalid = defineFault('talos/kubeconfig-invalid', {
  kind: 'operator',
  exitCode: 4,
  title: () => 'The kubeconfig cannot be read as YAML with clusters and users',
  state: unchanged,
  remedy: () => 'Restore the file; a new one can be had from any control plane at any time.',
});
