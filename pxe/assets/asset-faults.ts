import { defineFault } from '../../core/fault.ts';

const nothingChanged = 'Nothing in the cache and nothing in rackwright.lock was changed by this asset.';

export const assetUnreachable = defineFault<{ url: string; why: string; tries: number }>('pxe/asset-unreachable', {
  kind: 'environment',
  title: ({ url, why, tries }) => `${url} could not be fetched in ${tries} tries: ${why}`,
  state: () => 'What has arrived is kept; the next try goes on from there. What is in the cache already can be booted.',
  remedy: () => 'See that the Image Factory is reachable and run the same command again, or import a bundle.',
});

export const assetRefused = defineFault<{ url: string; status: number; text: string }>('pxe/asset-refused', {
  kind: 'operator',
  exitCode: 4,
  title: ({ url, status, text }) => `The Image Factory answers ${status} for ${url}${text === '' ? '' : `: ${text}`}`,
  state: () => nothingChanged,
  remedy: () => 'See that version, architecture and schematic are right and that this factory knows the schematic.',
});

export const assetChanged = defineFault<{ asset: string; pinned: string; found: string }>('pxe/asset-changed', {
  kind: 'operator',
  exitCode: 3,
  title: ({ asset, pinned, found }) =>
    `${asset} is not what rackwright.lock has: SHA-256 ${found} instead of ${pinned}`,
  state: () => `It was thrown away. ${nothingChanged}`,
  remedy: ({ asset }) =>
    `If you know why it changed, take the entry ${asset} out of rackwright.lock and pull again; if not, do not boot it.`,
});

export const assetUnusable = defineFault<{ asset: string; why: string }>('pxe/asset-unusable', {
  kind: 'operator',
  exitCode: 4,
  title: ({ asset, why }) => `${asset} cannot be booted: ${why}`,
  state: () => `No machine was given it. ${nothingChanged}`,
  remedy: () => 'Fetch the UKI of the version in the rack file: rackwright assets pull.',
});

export const signatureRefused = defineFault<{ asset: string; why: string }>('pxe/signature-refused', {
  kind: 'operator',
  exitCode: 3,
  title: ({ asset, why }) => `The signature of ${asset} is not that of the pinned certificate: ${why}`,
  state: () => `No machine was given it. ${nothingChanged}`,
  remedy: () =>
    'Fetch the signed image (secureboot) of the factory that the certificate belongs to, or correct the certificate.',
});

export const assetMissing = defineFault<{ asset: string; path: string }>('pxe/asset-missing', {
  kind: 'operator',
  exitCode: 4,
  title: ({ asset, path }) => `${asset} is not in the cache: ${path}`,
  state: () => 'Nothing was started.',
  remedy: () => 'Run rackwright assets pull where the Image Factory is reachable, or rackwright assets import BUNDLE.',
});

export const schematicDiffers = defineFault<{ factory: string; wanted: string; given: string }>(
  'pxe/schematic-differs',
  {
    kind: 'operator',
    exitCode: 4,
    title: ({ factory, wanted, given }) => `${factory} calls this schematic ${given}; it was computed to be ${wanted}`,
    state: () => nothingChanged,
    remedy: ({ given }) =>
      `Compare the schematic with what the factory shows under ${given}, and name that id if it is right.`,
  },
);

export const lockBroken = defineFault<{ path: string; why: string }>('pxe/lock-broken', {
  kind: 'operator',
  exitCode: 4,
  title: ({ path, why }) => `${path} cannot be read: ${why}`,
  state: () => 'Nothing was changed.',
  remedy: ({ path }) =>
    `Restore ${path} from git. Without it nobody can tell whether an image is the one that you chose.`,
});

export const bundleMissing = defineFault<{ path: string }>('pxe/bundle-missing', {
  kind: 'operator',
  exitCode: 4,
  title: ({ path }) => `There is no bundle ${path}`,
  state: () => 'The cache and rackwright.lock are as they were.',
  remedy: () => 'Give the path of the file that rackwright assets export has written.',
});

export const bundleBroken = defineFault<{ path: string; why: string }>('pxe/bundle-broken', {
  kind: 'operator',
  exitCode: 4,
  title: ({ path, why }) => `The bundle ${path} is broken: ${why}`,
  state: () => 'What was whole before that place is in the cache; rackwright.lock was not changed.',
  remedy: () => 'Copy the bundle again, or make a new one with rackwright assets export.',
});
