import { defineFault } from '../../core/fault.ts';
import { parseIpv4, renderIpv4 } from '../../core/ipv4.ts';
import type { AppendableFile, Files } from '../../core/ports.ts';
import type { Lease } from './lease.ts';

type LeaseFiles = Pick<Files, 'readText' | 'openAppend' | 'writeAtomically'>;

/** Lines that say nothing any more are taken out when there are this many more of them than leases. */
const sparedLines = 10_000;

const broken = defineFault<{ path: string; line: number; why: string }>('pxe/lease-file-broken', {
  kind: 'operator',
  exitCode: 4,
  title: ({ path, line, why }) => `The lease file ${path} is broken at line ${line}: ${why}`,
  state: () => 'No boot service was started; the file was not changed.',
  remedy: ({ path }) =>
    `Restore ${path} from a backup, or move it away: machines then get addresses anew, and each is probed before it is offered.`,
});

/**
 * The leases on disk: one JSON object a line, the last one of an address counts. What arrives while a write is under way
 * goes into the next one together, so the cost of flushing is shared (group commit).
 */
export class LeaseStore {
  readonly #path: string;
  readonly #files: LeaseFiles;
  /** What the file says, for the rewrite. */
  readonly #leases: Map<number, Lease>;
  #lines: number;
  #pending: { readonly lease: Lease; readonly settle: PromiseWithResolvers<undefined> }[] = [];
  #writing: Promise<void> | undefined;
  #file: AppendableFile | undefined;
  /** After a failed write the file may end in half a line, behind which nothing may be added. */
  #isTorn = false;

  private constructor(path: string, files: LeaseFiles, leases: Map<number, Lease>, lines: number) {
    this.#path = path;
    this.#files = files;
    this.#leases = leases;
    this.#lines = lines;
  }

  /** Reads it; a half-written last line, left by a crash, was never acknowledged to anybody and is dropped. Fault `pxe/lease-file-broken`. */
  static async open(path: string, files: LeaseFiles): Promise<LeaseStore> {
    const text = (await files.readText(path)) ?? '';
    const lines = text.split('\n');
    const isTorn = lines.pop() !== '';
    const leases = new Map<number, Lease>();
    for (const [index, line] of lines.entries()) {
      const lease = parseLease(line);
      if (typeof lease === 'string') {
        throw broken({ path, line: index + 1, why: lease }, { places: [{ file: path, path: '', line: index + 1 }] });
      }
      leases.set(lease.address, lease);
    }
    const store = new LeaseStore(path, files, leases, lines.length);
    store.#isTorn = isTorn;
    return store;
  }

  get leases(): Iterable<Lease> {
    return this.#leases.values();
  }

  /** Resolves when the lease is on the disk; rejects when it could not be written, and then it counts for nothing. */
  commit(lease: Lease): Promise<void> {
    const settle = Promise.withResolvers<undefined>();
    this.#pending.push({ lease, settle });
    this.#writing ??= this.#write();
    return settle.promise;
  }

  /** Resolves when nothing is being written any more. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#closeFile();
  }

  async #write(): Promise<void> {
    // A turn later, so that all leases of one burst of datagrams go into the first write already.
    await Promise.resolve();
    while (this.#pending.length > 0) {
      const batch = this.#pending;
      this.#pending = [];
      try {
        await this.#writeBatch(batch.map(({ lease }) => lease));
        for (const { settle } of batch) settle.resolve(undefined);
      } catch (thrown) {
        this.#isTorn = true;
        for (const { settle } of batch) settle.reject(thrown);
      }
    }
    this.#writing = undefined;
  }

  async #writeBatch(batch: readonly Lease[]): Promise<void> {
    const isLong = this.#lines + batch.length > this.#leases.size + sparedLines;
    if (this.#isTorn || isLong) {
      const all = new Map(this.#leases);
      for (const lease of batch) all.set(lease.address, lease);
      await this.#closeFile();
      await this.#files.writeAtomically(this.#path, [...all.values()].map(lineOf).join(''), 0o600);
      this.#isTorn = false;
      this.#lines = all.size;
    } else {
      this.#file ??= await this.#files.openAppend(this.#path);
      await this.#file.appendDurably(batch.map(lineOf).join(''));
      this.#lines += batch.length;
    }
    for (const lease of batch) this.#leases.set(lease.address, lease);
  }

  /** The file that is written anew is another one under the same name. */
  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }
}

const states: readonly string[] = ['bound', 'released', 'conflict'];

const lineOf = ({ address, client, state, until }: Lease): string =>
  `{"address":"${renderIpv4(address)}","client":"${client}","state":"${state}","until":${until}}\n`;

/** The lease of a line, or what is wrong with it. */
function parseLease(line: string): Lease | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return 'it is not JSON';
  }
  if (typeof value !== 'object' || value === null) return 'it is not a lease';
  const { address, client, state, until } = value as Record<string, unknown>;
  const number = typeof address === 'string' ? parseIpv4(address) : undefined;
  if (number === undefined) return 'address is no IPv4 address';
  if (typeof client !== 'string' || !/^[0-9a-f:]+$/.test(client)) return 'client is no hardware address';
  if (typeof state !== 'string' || !states.includes(state)) return `state is none of ${states.join(', ')}`;
  if (typeof until !== 'number') return 'until is no time in milliseconds since 1970';
  return { address: number, client, state: state as Lease['state'], until };
}
