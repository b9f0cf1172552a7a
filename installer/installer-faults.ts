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

export const machineHeld = defineFault<{ name: string; reason: string }>('installer/machine-held', {
  kind: 'operator',
  exitCode: 4,
  title: ({ name, reason }) => `The machine of ${name} is held: ${reason}`,
  state: () => 'Nothing was written on it.',
  remedy: () => 'Mend the rack file, or take the other machine off the network, and run the same command again.',
});

export const machineChanged = defineFault<{ name: string }>('installer/machine-changed', {
  kind: 'environment',
  title: ({ name }) => `${name} has rebooted or begun something else since it was looked at`,
  state: ({ name }) => `Its config was not sent to ${name}.`,
  remedy: () => 'It is looked at again.',
});

export const leftoverInstall = defineFault<{ name: string; disk: string }>('installer/leftover-install', {
  kind: 'operator',
  exitCode: 3,
  title: ({ name, disk }) => leftoverSentence(name, disk),
  state: ({ name }) => `Nothing was written on ${name}.`,
  remedy: ({ name }) => leftoverRemedy(name),
});

/** Talos installs only on a machine that has no META partition on any disk (its sequencer's `Installed`). */
const leftoverSentence = (name: string, disk: string) =>
  `${name} has an old Talos on ${disk}: given a config, it would go on with that instead of being installed`;
const leftoverRemedy = (name: string) =>
  `Boot ${name} once with the kernel argument talos.experimental.wipe=system, or wipe that disk by other means, and run the same command again.`;

export const diskChanged = defineFault<{ name: string; approved: string; now: string }>('installer/disk-changed', {
  kind: 'operator',
  exitCode: 3,
  title: ({ name, approved, now }) =>
    `The disk to be written on ${name} was approved as ${approved}, and is now ${now}`,
  state: ({ name }) => `Nothing was written on ${name}.`,
  remedy: () => 'Run the same command again: the new plan is shown and asked for.',
});

export const installFailed = defineFault<{
  name: string;
  address: string;
  disk: string;
  /** The end of its kernel log, as far as it could be heard. */
  lastWords: readonly string[];
}>('installer/install-failed', {
  kind: 'operator',
  title: ({ name, address }) =>
    `${name} rebooted after the install was started, and is back in maintenance mode at ${address}`,
  state: ({ disk, lastWords }) =>
    `The install did not take; the disk ${disk} may be half written. Other machines go on.${
      lastWords.length === 0 ? '' : ` The end of its log:${lastWords.map((line) => `\n    ${line}`).join('')}`
    }`,
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

export const wrongSchematic = defineFault<{ name: string; expected: string; actual: string | undefined }>(
  'installer/wrong-schematic',
  {
    kind: 'operator',
    exitCode: 7,
    title: ({ name, expected, actual }) =>
      `${name} runs ${actual === undefined ? 'a plain Talos' : `the schematic ${actual}`} from its disk, not the schematic ${expected}`,
    state: () => 'Nothing more is done on this machine: extensions that the rack file asks for may be missing there.',
    remedy: () =>
      'Make sure that the registry, or the mirror of it, gives the installer of this schematic; then reset the machine, or give the schematic that is installed in the rack file.',
  },
);

export const etcdElsewhere = defineFault<{ machine: string; chosen: string }>('installer/etcd-elsewhere', {
  kind: 'operator',
  exitCode: 3,
  title: ({ machine, chosen }) =>
    `${machine} already has an etcd cluster, and ${chosen}, where it is to begin, is not a member`,
  state: () => 'Nothing was bootstrapped; a second bootstrap would make a second cluster.',
  remedy: ({ machine }) =>
    `If the cluster of ${machine} is a leftover, reset ${machine} and run the same command again.`,
});

export const bootstrapMachineGone = defineFault<{ machine: string }>('installer/bootstrap-machine-gone', {
  kind: 'operator',
  exitCode: 3,
  title: ({ machine }) => `etcd was told to begin on ${machine}, which is no control plane of the rack file any more`,
  state: () => 'Nothing was bootstrapped: a second machine could make a second cluster.',
  remedy: ({ machine }) => `Put ${machine} back into the rack file as it was, and run the same command again.`,
});

export const noCluster = defineFault<{ rack: string }>('installer/no-cluster', {
  kind: 'operator',
  exitCode: 4,
  title: ({ rack }) => `${rack} has no cluster yet that a machine could be added to or taken from`,
  state: () => 'Nothing was started.',
  remedy: () => 'Run rackwright up with the same rack file: it installs all of its machines.',
});
