import { defineFault } from '../core/fault.ts';

export const noAnswer = defineFault<{
  name: string;
  silent: readonly string[];
  reasons: readonly string[];
}>('installer/no-answer', {
  kind: 'environment',
  title: ({ name, silent, reasons }) =>
    [...(silent.length === 0 ? [] : [`${name} does not answer at ${silent.join(' or ')}`]), ...reasons].join('; '),
  state: () => 'Nothing was sent to it.',
  remedy: () => 'Wait for it to boot; if it does not come up, look at its console.',
});

export const severalMachines = defineFault<{ name: string; macs: readonly string[] }>('installer/several-machines', {
  kind: 'operator',
  exitCode: 4,
  title: ({ name, macs }) => `${macs.length} machines answer to ${name}: ${macs.join(' and ')}`,
  state: () => 'None of them was touched.',
  remedy: ({ name }) => `Give ${name} the mac of the machine that you mean, in the rack file.`,
});

export const diskChanged = defineFault<{ name: string; approved: string; now: string }>('installer/disk-changed', {
  kind: 'operator',
  exitCode: 3,
  title: ({ name, approved, now }) =>
    `The disk to be written on ${name} was approved as ${approved}, and is now ${now}`,
  state: ({ name }) => `Nothing was written on ${name}.`,
  remedy: () => 'Run the same command again: the new plan is shown and asked for.',
});

export const installFailed = defineFault<{ name: string; address: string; disk: string }>('installer/install-failed', {
  kind: 'operator',
  title: ({ name, address }) =>
    `${name} rebooted after the install was started, and is back in maintenance mode at ${address}`,
  state: ({ disk }) => `The install did not take; the disk ${disk} may be half written. Other machines go on.`,
  remedy: ({ name }) =>
    `Read the console of ${name} for the installer's last words (image, disk, firmware). Then run the same command with --retry install/${name}`,
});

export const wrongSystemDisk = defineFault<{ name: string; expected: string; actual: string }>(
  'installer/wrong-system-disk',
  {
    kind: 'operator',
    title: ({ name, expected, actual }) =>
      `${name} runs Talos from ${actual}, but ${expected} is the disk meant for it`,
    state: () => 'Nothing more is done on this machine.',
    remedy: () => 'Correct the disk in the rack file, or reset the machine and run the same command again.',
  },
);

export const wrongVersion = defineFault<{ name: string; expected: string; actual: string }>('installer/wrong-version', {
  kind: 'operator',
  exitCode: 7,
  title: ({ name, expected, actual }) => `${name} runs Talos ${actual} from its disk, not ${expected}`,
  state: () => 'Nothing more is done on this machine.',
  remedy: () =>
    'Give the version that is installed in the rack file, or reset the machine; upgrades are not part of this command.',
});

export const etcdElsewhere = defineFault<{ machine: string; chosen: string }>('installer/etcd-elsewhere', {
  kind: 'operator',
  exitCode: 3,
  title: ({ machine, chosen }) =>
    `${machine} already has an etcd cluster, and ${chosen}, where it is to begin, is not a member`,
  state: () => 'Nothing was bootstrapped; a second bootstrap would make a second cluster.',
  remedy: ({ machine }) =>
    `If the cluster of ${machine} is a leftover, reset ${machine} and run the same command again.`,
});
