import { dirname, resolve } from 'node:path';
import { seconds } from '../core/millis.ts';
import type { NetworkInterface } from '../core/ports.ts';
import type { RackSpec } from '../core/rack-spec.ts';
import { rackAssets } from '../installer/index.ts';
import {
  AssetCache,
  type AssetState,
  askFactory,
  findLoaders,
  type HostFacts,
  listAssets,
  parseNft,
} from '../pxe/index.ts';
import type { World } from './world.ts';

export interface HostPlace {
  readonly spec: RackSpec | undefined;
  readonly link: NetworkInterface | undefined;
  readonly stateDirectory: string;
  readonly directory: string;
  readonly cacheDirectory: string;
}

/** A factory that takes longer is as good as away: images of 100 MB would not come from it. */
const patience = seconds(10);

const architectures = ['amd64', 'arm64'] as const;

const usualPorts = { dhcp: 67, proxyDhcp: 4011, tftp: 69, http: 8080 };

/** Everything of this host that decides whether it can serve boots. */
export async function readHostFacts(
  { spec, link, stateDirectory, directory, cacheDirectory }: HostPlace,
  world: World,
): Promise<HostFacts> {
  const { host, files, clock } = world;
  const wanted = spec?.boot.ports ?? usualPorts;
  const ports = [
    { protocol: 'UDP', port: wanted.dhcp, service: 'dhcp' },
    { protocol: 'UDP', port: wanted.proxyDhcp, service: 'proxydhcp' },
    { protocol: 'UDP', port: wanted.tftp, service: 'tftp' },
    { protocol: 'TCP', port: wanted.http, service: 'http' },
  ] as const;
  const [ruleset, freeBytes, isClockSynchronized] = await Promise.all([
    host.nftRuleset(),
    freeBytesNear(stateDirectory, world),
    host.isClockSynchronized(),
  ]);
  const firewall = ruleset === undefined ? undefined : parseNft(ruleset);
  const ukis = architectures.flatMap((architecture) => {
    const path = spec?.boot.uki[architecture];
    return path === undefined ? [] : [{ architecture, path: resolve(directory, path) }];
  });
  const site =
    spec?.boot.assets === undefined
      ? undefined
      : rackAssets({ spec, directory, cache: new AssetCache(cacheDirectory, world) }).site;
  const cache = site && (await listAssets(site, files));
  const ipxe = spec?.boot.ipxe;
  const loaders = await findLoaders(files, ipxe === undefined ? undefined : resolve(directory, ipxe));
  return {
    now: clock.now(),
    ports: await Promise.all(
      ports.map(async (row) => {
        const holder = await host.portHolder(row.protocol, row.port);
        return holder === undefined ? row : { ...row, holder };
      }),
    ),
    ukis: await Promise.all(
      ukis.map(async (row) => {
        const file = await files.open(row.path);
        await file?.close();
        return file === undefined ? row : { ...row, sizeBytes: file.sizeBytes };
      }),
    ),
    ...(cache === undefined
      ? {}
      : {
          cache: {
            wanted: cache.length,
            missing: cache.filter(({ isCached }) => !isCached).map(({ asset }) => asset.key),
          },
        }),
    ...(site === undefined || cache === undefined ? {} : { factory: await factoryOf(site.factory, cache, world) }),
    loaders: {
      found: loaders,
      architectures: spec === undefined ? architectures : architecturesOf(spec),
      isWanted: spec !== undefined && wantsIpxe(spec),
    },
    ...(firewall === undefined ? {} : { firewall }),
    ...(freeBytes === undefined ? {} : { freeBytes }),
    ...(isClockSynchronized === undefined ? {} : { isClockSynchronized }),
    ...(link === undefined
      ? {}
      : {
          interface: {
            name: link.name,
            addresses: link.ipv4.map(({ address }) => address),
            ...(link.isWireless === undefined ? {} : { isWireless: link.isWireless }),
            ...(link.hasDefaultRoute === undefined ? {} : { carriesDefaultRoute: link.hasDefaultRoute }),
          },
        }),
  };
}

/** Where everything is in the cache nobody is asked: a place without a network is as good as any. */
async function factoryOf(
  origin: string,
  cache: readonly AssetState[],
  world: World,
): Promise<NonNullable<HostFacts['factory']>> {
  if (cache.every(({ isCached }) => isCached)) return { origin, isNeeded: false };
  const why = await askFactory(origin, { ...world, patience });
  return { origin, isNeeded: true, ...(why === undefined ? {} : { why }) };
}

/** For which there is a UKI, or an image that is to be fetched. */
const architecturesOf = ({ boot }: RackSpec) =>
  boot.assets?.architectures ?? architectures.filter((one) => boot.uki[one] !== undefined);

/** Whether some machine is to go through iPXE, to Talos or to its disk, although its firmware might do without. */
function wantsIpxe({ boot, machines, classes = {} }: RackSpec): boolean {
  const ways = [boot, ...machines.map((one) => one.boot), ...Object.values(classes).map((one) => one.boot)];
  return ways.some((way) => way?.through === 'ipxe' || way?.localDisk === 'exit' || way?.localDisk === 'sanboot');
}

/** Of the folder itself, or of the nearest one above it that is there. */
async function freeBytesNear(folder: string, { host }: World): Promise<number | undefined> {
  for (let at = folder; ; at = dirname(at)) {
    const free = await host.freeBytes(at);
    if (free !== undefined || at === dirname(at)) return free;
  }
}
