import { resolve } from 'node:path';
import type { Emit } from '../core/event.ts';
import { Journal, type JournalWriter } from '../core/journal.ts';
import { type Millis, seconds } from '../core/millis.ts';
import type { AskHttp, Clock, Files, KnockUdp, Network, Random } from '../core/ports.ts';
import { type PlanResult, runPlan } from '../core/run-plan.ts';
import type { Plan } from '../core/step.ts';
import { AssetCache, type CachePorts } from '../pxe/index.ts';
import { type AccessFiles, accessFilesOf } from './access/access-files.ts';
import type { OwnClockProbe } from './checks/probe-own-clock.ts';
import { type ClusterSecrets, clusterSecrets } from './cluster-secrets.ts';
import type { InstallSite } from './install-plan.ts';
import { installSite } from './install-site.ts';
import { inventoryIn } from './inventory/inventory-path.ts';
import { openInventory } from './inventory/open-inventory.ts';
import { subnetScan } from './inventory/scan-subnets.ts';
import type { RackFile } from './parse-rack-file.ts';
import { readFluxManifest } from './read-flux-manifest.ts';
import { knockAtTalos, readTalos } from './read-talos.ts';
import type { DiskId } from './resolve-disk.ts';
import { secretsLost } from './secrets-faults.ts';
import { serveRack } from './serve-rack.ts';
import { type RackWatch, watchRack } from './watch-rack.ts';

export interface RackPorts extends CachePorts {
  readonly network: Network;
  readonly files: Files;
  readonly clock: Clock;
  readonly random: Random;
  readonly askHttp: AskHttp;
  readonly knockUdp: KnockUdp;
  /** This computer. */
  readonly host: OwnClockProbe['host'];
}

/** What every command that works on a rack is given. */
export interface RackOptions {
  readonly rackFile: RackFile;
  /** Folder of the rack file: paths in it are relative to this, and the access files are written here. */
  readonly directory: string;
  /** Folder of the journal and the sealed secrets; belongs to this rack alone. */
  readonly stateDirectory: string;
  readonly identityPath: string;
  /** Where fetched images are kept, for all racks. */
  readonly cacheDirectory: string;
  /** Addresses and ranges in which machines are looked for, beside those that boot. */
  readonly looking?: { readonly addresses: readonly string[]; readonly scan?: readonly string[] };
  /** For how long machines that nobody named are given Talos, too. */
  readonly discoverFor?: Millis;
  /** Interfaces that are served although they are wireless or have the default route, beside those of the rack file. */
  readonly allowInterfaces?: readonly string[];
  /** The command line as typed, for the journal. */
  readonly command: string;
  /** The command line that goes on: what was allowed once is not in it. */
  readonly resumeCommand: string;
  /** No machine is written, and neither is the journal. Machines that boot are answered, and what is seen of them is kept. */
  readonly readOnly: boolean;
  /** Fences off whoever wrote before; see core/journal.ts. */
  readonly writer: JournalWriter;
  /** How many machines are installed at once; installer/install-site.ts says how many when this is left out. */
  readonly parallel?: number;
  /** `once` steps that the operator allows to start again. */
  readonly retry: readonly string[];
  readonly emit: Emit;
  readonly pause: AbortSignal;
  readonly stop: AbortSignal;
}

/** One rack with all that a command needs to work on it: its memory, its keys, what was seen of it, and its steps. */
export interface OpenRack {
  readonly options: RackOptions;
  readonly ports: RackPorts;
  readonly journal: Journal;
  readonly secrets: ClusterSecrets;
  readonly watch: RackWatch;
  /** Where the files that open the cluster are. */
  readonly accessFiles: AccessFiles;
  /** What the steps reach out to; each machine's disk only as approved. Faults as of `readFluxManifest`. */
  site(approved: ReadonlyMap<string, DiskId>): Promise<InstallSite>;
  /** Runs any plan with this rack's journal and the operator's signals. */
  execute(plan: Plan): Promise<PlanResult>;
  /** Answers machines that boot, and looks at all that are known, until the returned function has resolved. */
  serve(): Promise<() => Promise<void>>;
  /** Resolves when what was heard of addresses is kept. */
  close(): Promise<void>;
}

const pollEvery: Millis = seconds(2);

/** Opens a rack without touching a machine. Faults: `core/journal-broken`, `installer/secrets-*`, `installer/identity-missing`. */
export async function openRack(options: RackOptions, ports: RackPorts): Promise<OpenRack> {
  const { rackFile, directory, stateDirectory, identityPath, emit, pause, stop, readOnly, writer } = options;
  const { spec } = rackFile;
  const { clock, files } = ports;
  const journal = await Journal.open(`${stateDirectory}/journal.jsonl`, { files, clock, readOnly, writer });
  const secrets = clusterSecrets({ path: `${stateDirectory}/secrets.age`, identityPath, ...ports });
  if ((await secrets.read()) === undefined && journal.pastOf('secrets').confirmed)
    throw secretsLost({ path: secrets.path });

  const inventory = await openInventory(inventoryIn(stateDirectory), files);
  const watch = watchRack({
    spec,
    clock,
    emit,
    read: readTalos(secrets),
    remember: (machine) => inventory.note(machine),
    addresses: options.looking?.addresses ?? [],
    ...(options.looking?.scan === undefined
      ? {}
      : { scan: subnetScan(options.looking.scan, { clock, knock: knockAtTalos }) }),
  });
  for (const fact of inventory.facts) watch.observe(fact);
  const accessFiles = accessFilesOf(spec, directory);
  let manifest: ReturnType<typeof readFluxManifest> | undefined;
  return {
    options,
    ports,
    journal,
    secrets,
    watch,
    accessFiles,
    async site(approved) {
      manifest ??= readFluxManifest({ spec, path: resolve(directory, spec.flux.manifest) }, files);
      return installSite({
        spec,
        secrets,
        watch,
        manifest: await manifest,
        approved,
        accessFiles,
        files,
        clock,
        emit,
        ...(options.parallel === undefined ? {} : { parallel: options.parallel }),
      });
    },
    execute: (plan) => runPlan({ plan, journal, clock, emit, pollEvery, pause, stop }),
    async serve() {
      const leaving = new AbortController();
      const cache = new AssetCache(options.cacheDirectory, ports);
      const { discoverFor, allowInterfaces } = options;
      const boots = await serveRack({
        ...{ spec, directory, stateDirectory, cache, watch, journal, emit, discoverFor, allowInterfaces },
        ...ports,
      });
      const scouting = watch.scout(pollEvery, leaving.signal);
      return async () => {
        leaving.abort();
        await Promise.all([boots.close(), scouting]);
      };
    },
    // Hints only: the run has ended as it has, whether they could be kept or not.
    close: () => inventory.flush().catch(() => undefined),
  };
}
