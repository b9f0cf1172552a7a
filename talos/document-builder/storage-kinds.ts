import { z } from 'zod';
import { duration, flag, kind, match, size, text, texts, whole } from './document-kind.ts';

const provisioning = z.strictObject({
  diskSelector: match.optional(),
  grow: flag.optional(),
  minSize: size.optional(),
  maxSize: size.optional(),
});

const encryptionKey = z.strictObject({
  slot: whole,
  static: z.strictObject({ passphrase: text }).optional(),
  nodeID: z.strictObject({}).optional(),
  kms: z.strictObject({ endpoint: text }).optional(),
  tpm: z
    .strictObject({
      options: z.strictObject({ pcrs: z.array(whole) }).optional(),
      checkSecurebootStatusOnEnroll: flag.optional(),
    })
    .optional(),
  lockToState: flag.optional(),
});

const encryption = z.strictObject({
  provider: z.literal('luks2'),
  keys: z.array(encryptionKey),
  cipher: text.optional(),
  keySize: whole.optional(),
  blockSize: whole.optional(),
  options: texts.optional(),
  allowDiscards: flag.optional(),
});
const encryptionSince = { 'encryption.allowDiscards': 'v1.14', 'encryption.keys.tpm.options': 'v1.12' } as const;

/** How often unused blocks are given back, and how often the filesystem is checked. */
const care = z.strictObject({ enabled: flag.optional(), interval: duration.optional() });
const careSince = { trim: 'v1.14', scrub: 'v1.14' } as const;

const xfs = z.strictObject({ minAllocationGroupSize: size.optional() });
const mount = { disableAccessTime: flag.optional(), secure: flag.optional() };
const volumes = z.strictObject({ volumeSelector: match });

/** Volumes, LVM, RAID, and the care of filesystems. */
export const storageKinds = {
  /** A system volume: STATE, EPHEMERAL, IMAGECACHE, and from 1.14 on ETCD, CRI, KUBELET, LOG. */
  VolumeConfig: kind(
    'v1.11',
    {
      name: text,
      provisioning: provisioning.optional(),
      filesystem: z.strictObject({ xfs: xfs.optional() }).optional(),
      encryption: encryption.optional(),
      mount: z.strictObject(mount).optional(),
      trim: care.optional(),
      scrub: care.optional(),
    },
    {
      mount: 'v1.13',
      'mount.disableAccessTime': 'v1.14',
      filesystem: 'v1.14',
      ...careSince,
      ...encryptionSince,
    },
  ),
  /** A volume at /var/mnt/NAME. */
  UserVolumeConfig: kind(
    'v1.11',
    {
      name: text,
      volumeType: z.enum(['directory', 'disk', 'partition']).optional(),
      provisioning: provisioning.optional(),
      filesystem: z
        .strictObject({
          type: z.enum(['ext4', 'xfs', 'btrfs']).optional(),
          projectQuotaSupport: flag.optional(),
          xfs: xfs.optional(),
        })
        .optional(),
      encryption: encryption.optional(),
      mount: z.strictObject(mount).optional(),
      trim: care.optional(),
      scrub: care.optional(),
    },
    {
      volumeType: 'v1.12',
      mount: 'v1.13',
      'filesystem.type=btrfs': 'v1.14',
      'filesystem.xfs': 'v1.14',
      ...careSince,
      ...encryptionSince,
    },
  ),
  /** A partition without a filesystem. */
  RawVolumeConfig: kind('v1.11', { name: text, provisioning, encryption: encryption.optional() }, encryptionSince),
  /** A filesystem that somebody else made, at /var/mnt/NAME. */
  ExistingVolumeConfig: kind(
    'v1.11',
    {
      name: text,
      discovery: volumes,
      mount: z.strictObject({ ...mount, readOnly: flag.optional() }).optional(),
      trim: care.optional(),
      scrub: care.optional(),
    },
    { 'mount.disableAccessTime': 'v1.13', 'mount.secure': 'v1.13', ...careSince },
  ),
  ExternalVolumeConfig: kind('v1.13', {
    name: text,
    filesystemType: z.literal('virtiofs'),
    mount: z.strictObject({ ...mount, readOnly: flag.optional(), virtiofs: z.strictObject({ tag: text }) }),
  }),
  SwapVolumeConfig: kind('v1.11', { name: text, provisioning, encryption: encryption.optional() }, encryptionSince),
  ZswapConfig: kind('v1.11', { maxPoolPercent: whole.optional(), shrinkerEnabled: flag.optional() }),
  LVMVolumeGroupConfig: kind('v1.14', { name: text, provisioning: volumes }),
  LVMLogicalVolumeConfig: kind('v1.14', {
    name: text,
    type: z.enum(['linear', 'raid0', 'raid1', 'raid10']),
    mirrors: whole.optional(),
    stripes: whole.optional(),
    provisioning: z.strictObject({
      volumeGroup: text,
      minSize: size.optional(),
      /** With a unit, or a share of the group such as `100%`. */
      maxSize: size.optional(),
    }),
  }),
  /** The device is /dev/disk/by-id/md-name-NAME. */
  RAIDArrayConfig: kind('v1.14', {
    name: text,
    level: z.literal('raid1'),
    /** Firmware can boot from `1.0`. */
    metadata: z.enum(['1.0', '1.2']).optional(),
    provisioning: volumes,
  }),
  FilesystemTrimConfig: kind('v1.14', { interval: duration }),
  FilesystemScrubConfig: kind('v1.14', { interval: duration }),
};
