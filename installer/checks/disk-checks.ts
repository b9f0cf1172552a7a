import type { Disk } from '../../core/machine.ts';
import { type Millis, minutes } from '../../core/millis.ts';
import { parseTimestamp } from '../../core/timestamp.ts';
import { renderDisk, resolveDisk } from '../resolve-disk.ts';
import {
  type Finding,
  fail,
  type MachineCheck,
  type MachineSubject,
  notAnswering,
  pass,
  pending,
  unknown,
} from './check.ts';

/** Talos' system requirements: 10 GiB, in units of 10^9 bytes as on a label. */
const leastGigabytes = 10;
const gigabyte = 1_000_000_000;

/** Talos reads what is on its disks within seconds of its start; a disk that is not read by then does not answer. */
const probingSpan: Millis = minutes(10);

/** Judges the one disk that is to be written; where there is none, the check `install-disk` says so. */
const ofInstallDisk =
  (judge: (disk: Disk, subject: MachineSubject) => Finding) =>
  (subject: MachineSubject): Finding => {
    const { entry, talos } = subject;
    if (talos === undefined) return notAnswering(entry.name);
    const choice = resolveDisk(entry.disk, talos.disks);
    if (choice.kind === 'one' || choice.kind === 'nameless') return judge(choice.disk, subject);
    return unknown(`There is not one install disk (${choice.kind}).`, 'See the check install-disk.');
  };

const isOverdue = ({ talos, now }: Pick<MachineSubject, 'talos' | 'now'>): boolean =>
  now - (parseTimestamp(talos?.bootMark ?? '') ?? now) > probingSpan;

/** The paths of disks that nobody has read, though there is something to read; empty when there are none. */
const unreadIn = (disks: readonly Disk[]): string =>
  disks
    .filter(({ isUnprobed, sizeBytes }) => isUnprobed === true && sizeBytes > 0n)
    .map(({ path }) => path)
    .join(', ');

/** What joins several disks to one thing, so that writing one of them breaks what is on the others. */
const joining = /^(lvm2|linux_raid|isw_raid|ddf_raid|mdraid|zfs|drbd|btrfs|bcache|ceph_bluestore)/i;

/** Which disk is written, what is on it, and whether it is fit for it. */
export const diskChecks: readonly MachineCheck[] = [
  {
    id: 'install-disk',
    title: 'exactly one disk, told from all others by serial or WWID',
    isFinal: true,
    judge: ({ entry, talos }) => {
      if (talos === undefined) return notAnswering(entry.name);
      const choice = resolveDisk(entry.disk, talos.disks);
      const hint = 'Name the disk by its serial in the rack file.';
      switch (choice.kind) {
        case 'one':
          return pass(`It is ${renderDisk(choice.disk)}.`);
        case 'nameless':
          return fail(`${renderDisk(choice.disk)} has no serial or WWID of its own.`, 'Use a disk that has one.');
        case 'several':
          return fail(
            `The selector fits ${choice.disks.length} disks: ${choice.disks.map(renderDisk).join('; ')}.`,
            hint,
          );
        case 'none':
          if (choice.disks.length === 0)
            return unknown(`${entry.name} shows no disk at all.`, 'Wait for its controller, or look at its cabling.');
          return fail(`The selector fits none of ${choice.disks.map(renderDisk).join('; ')}.`, hint);
      }
    },
  },
  {
    id: 'install-disk-content',
    title: 'what is on the install disk was read, so that nothing is lost unseen',
    isFinal: true,
    judge: ofInstallDisk((disk, subject) => {
      if (disk.isUnprobed === true) {
        const says = `Talos has not read what is on ${disk.path}`;
        return isOverdue(subject)
          ? fail(`${says} since it was started.`, 'The disk may be broken: look at the kernel log of the machine.')
          : pending(`${says} yet.`, 'It does soon after it has started.');
      }
      if (disk.signatures.length === 0) return pass(`Talos recognises nothing on ${disk.path}.`);
      return pass(`${disk.path} holds ${disk.signatures.join(', ')}: all of it will be lost.`);
    }),
  },
  {
    id: 'install-disk-size',
    title: 'the install disk is large enough',
    judge: ofInstallDisk((disk) => {
      const size = Math.round(Number(disk.sizeBytes) / gigabyte);
      if (disk.sizeBytes === 0n) return unknown(`${disk.path} does not say its size.`, 'Look at its controller.');
      const says = `${disk.path} has ${size} GB; Talos needs ${leastGigabytes}.`;
      return size >= leastGigabytes ? pass(says) : fail(says, 'Choose a larger disk.');
    }),
  },
  {
    id: 'install-disk-fixed',
    title: 'the install disk cannot be pulled out like a memory stick',
    judge: ofInstallDisk(({ path, transport }) => {
      if (transport === undefined || transport === '')
        return unknown(`How ${path} is attached is not known.`, 'Look at the machine.');
      if (transport !== 'usb' && transport !== 'mmc') return pass(`${path} is attached by ${transport}.`);
      return fail(`${path} is attached by ${transport}: it may be a stick or a card.`, 'Choose a built-in disk.');
    }),
  },
  {
    id: 'install-disk-alone',
    title: 'no other disk needs what is on the install disk',
    judge: ofInstallDisk((disk, subject) => {
      const { disks = [] } = subject.talos ?? {};
      const unread = (some: readonly Disk[]) =>
        isOverdue(subject)
          ? fail(
              `Talos has not read what is on ${unreadIn(some)} since it was started.`,
              'It may be broken: pull it out.',
            )
          : pending(`What is on ${unreadIn(some)} is not known yet.`, 'Talos reads it soon after it has started.');
      if (disk.isUnprobed === true) return unread([disk]);
      const kindsOn = ({ signatures }: Disk) =>
        signatures.flatMap((one) => joining.exec(one)?.[1]?.toLowerCase() ?? []);
      const own = new Set(kindsOn(disk));
      const others = disks.filter((other) => other.name !== disk.name && kindsOn(other).some((kind) => own.has(kind)));
      if (others.length === 0 && own.size > 0 && unreadIn(disks) !== '') return unread(disks);
      if (others.length === 0) return pass(`No other disk shares an array or a volume group with ${disk.path}.`);
      return fail(
        `${[disk, ...others].map(({ path }) => path).join(' and ')} carry ${[...own].join(', ')}: they may be parts of one thing.`,
        'Move the data off these disks first, or choose another install disk.',
      );
    }),
  },
  {
    id: 'old-install',
    title: 'no disk holds an old Talos, which would start instead',
    isFinal: true,
    judge: ({ entry, talos, now }) => {
      if (talos === undefined) return notAnswering(entry.name);
      const metas = (talos.leftovers ?? []).filter(({ label }) => label === 'META').map(({ disk }) => `/dev/${disk}`);
      const found = talos.systemDisk === undefined ? metas : [`/dev/${talos.systemDisk}`];
      if (found.length > 0)
        return fail(
          `${[...new Set(found)].join(', ')} holds an old Talos.`,
          'Boot it once with the kernel argument talos.experimental.wipe=system, or wipe that disk by other means.',
        );
      const unread = unreadIn(talos.disks);
      if (unread !== '' && isOverdue({ talos, now }))
        return unknown(
          `Talos has not read what is on ${unread} since it was started.`,
          'It may be broken: pull it out.',
        );
      if (unread !== '')
        return pending(`What is on ${unread} is not known yet.`, 'Talos reads it soon after it has started.');
      return pass('No disk holds an old Talos.');
    },
  },
  {
    id: 'data-disks',
    title: 'other disks stay as they are',
    isFinal: true,
    judge: ({ entry, talos }) => {
      if (talos === undefined) return notAnswering(entry.name);
      const choice = resolveDisk(entry.disk, talos.disks);
      if (choice.kind !== 'one') return unknown('Which disk is written is not known.', 'See the check install-disk.');
      const { except: _, ...wishes } = entry.disk;
      const fitsStorage = (entry.storage ?? []).some((wish) => {
        const named = resolveDisk(wish, talos.disks);
        const disks = named.kind === 'one' || named.kind === 'nameless' ? [named.disk] : named.disks;
        return disks.some(({ name }) => name === choice.disk.name);
      });
      if (fitsStorage)
        return fail(
          `${choice.disk.path} is a storage disk of ${entry.name} as well as what its selector (${Object.keys(wishes).join(', ')}) fits.`,
          'Name install disk and storage disks so that none fits both.',
        );
      const others = talos.disks.filter(({ name, transport }) => name !== choice.disk.name && transport !== undefined);
      return pass(
        others.length === 0
          ? 'There is no other disk.'
          : `Not written: ${others.map((disk) => renderDisk(disk)).join('; ')}.`,
      );
    },
  },
  {
    id: 'disk-latency',
    title: 'the disk is quick enough for etcd',
    judge: ofInstallDisk(({ path, rotational }, { entry }) => {
      if (entry.role === 'worker') return pass('There is no etcd on a worker.');
      if (rotational)
        return fail(
          `${path} is a rotating disk: etcd needs a write to be on the disk within 10 ms.`,
          'Choose a solid-state disk for the control plane.',
        );
      return unknown(
        `${path} is a solid-state disk; how long a write takes cannot be measured in maintenance mode.`,
        'Measure it from another Linux (fio --rw=write --ioengine=sync --fdatasync=1 --bs=2300 on a spare partition), or watch etcd_disk_wal_fsync_duration_seconds once it runs: 99 of 100 below 10 ms.',
      );
    }),
  },
];
