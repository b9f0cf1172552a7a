import { defineFault } from '../../core/fault.ts';

export interface PortDetails {
  readonly protocol: 'UDP' | 'TCP';
  readonly address: string;
  readonly port: number;
}

const nothingServed = () => 'Nothing is served; no machine was answered.';

export const portTaken = defineFault<PortDetails & { holder: string | undefined }>('platform/port-taken', {
  kind: 'operator',
  title: ({ protocol, address, port, holder }) =>
    `${protocol} port ${port} on ${address} is taken by ${holder ?? 'a process that this user may not look at'}`,
  state: nothingServed,
  remedy: ({ protocol, port, holder }) =>
    holder === undefined
      ? `Find it as root with: ss -lnp ${protocol === 'UDP' ? '-u' : '-t'} 'sport = :${port}' – stop it, or name another port in boot.ports.`
      : `Stop ${holder}, or name another port in boot.ports of the rack file.`,
});

export const portForbidden = defineFault<PortDetails>('platform/port-forbidden', {
  kind: 'operator',
  title: ({ protocol, address, port }) => `This user may not open ${protocol} port ${port} on ${address}`,
  state: nothingServed,
  remedy: () =>
    'Ports below 1024 need root or CAP_NET_BIND_SERVICE: run the command with sudo, or give that capability to its node.',
});

export const addressMissing = defineFault<PortDetails>('platform/address-missing', {
  kind: 'environment',
  title: ({ protocol, address, port }) =>
    `${protocol} port ${port} cannot be opened, because this machine has no address ${address}`,
  state: nothingServed,
  remedy: ({ address }) => `Give ${address} to the interface (ip address add), and run the command again.`,
});

export const fileFailed = defineFault<{ path: string; verb: string; reason: string }>('platform/file-failed', {
  kind: 'operator',
  title: ({ path, verb, reason }) => `${path} cannot be ${verb}: ${reason}`,
  state: () => 'The file is as it was before; what was done so far is in the journal.',
  remedy: ({ path }) =>
    `See that the disk has room and that this user may use ${path}; then run the same command again.`,
});

export const pathWrong = defineFault<{ path: string; verb: string; reason: string; remedy: string }>(
  'platform/path-wrong',
  {
    kind: 'operator',
    exitCode: 4,
    title: ({ path, verb, reason }) => `${path} cannot be ${verb}: ${reason}`,
    state: () => 'Nothing was written there.',
    remedy: ({ remedy }) => remedy,
  },
);

export const heldByAnother = defineFault<{ directory: string; pid: number }>('platform/held-by-another', {
  kind: 'operator',
  exitCode: 5,
  title: ({ directory, pid }) => `Process ${pid} is working with ${directory}`,
  state: () => 'Nothing was started: two at once could write the same disk twice.',
  remedy: ({ pid }) => `Wait until process ${pid} has ended, or end it with Ctrl-C where it runs; then run this again.`,
});

export const httpUnanswered = defineFault<{ url: string; why: string }>('platform/http-unanswered', {
  kind: 'environment',
  title: ({ url, why }) => `${url} does not answer: ${why}`,
  state: () => 'Nothing was fetched.',
  remedy: () => 'Look whether this computer has a way there, and whether the server runs.',
});
