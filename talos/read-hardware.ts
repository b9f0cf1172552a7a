import type { z } from 'zod';
import { Fault } from '../core/fault.ts';
import type { Hardware, MemoryModule, Processor, SystemInformation, TalosImage, UnknownFact } from '../core/machine.ts';
import type { CallOptions } from './call-end.ts';
import { resourceKinds as kinds, type TypedKind } from './resource-kinds.ts';
import { imageOf } from './schematic/compare-schematic.ts';
import type { TalosClient } from './talos-client.ts';
import { listPresent, type TypedResource } from './typed-resources.ts';

export interface HardwareReading {
  readonly hardware: Hardware;
  readonly image?: TalosImage;
  readonly unknown: readonly UnknownFact[];
}

/** Faults that say something of the connection, not of the one thing that was asked for. */
const ofTheConnection: ReadonlySet<string> = new Set([
  'talos/unreachable',
  'talos/cancelled',
  'talos/stream-cut',
  'talos/certificate-required',
  'talos/foreign-certificate',
  'talos/keys-expired',
  'talos/certificate-out-of-date',
  'talos/other-node',
]);

/**
 * Reads what does not change while a machine is up. What its Talos does not have, refuses or garbles is unknown, with
 * the reason, and everything else is told all the same. Faults: those of the connection.
 */
export async function readHardware(
  client: TalosClient,
  system: SystemInformation | undefined,
  options: CallOptions = {},
): Promise<HardwareReading> {
  const unknown: UnknownFact[] = [];
  const attempt = async <T>(fact: string, read: () => Promise<T | undefined>, absent: string) => {
    try {
      const found = await read();
      if (found === undefined) unknown.push({ fact, why: absent });
      return found;
    } catch (thrown) {
      if (!(thrown instanceof Fault) || ofTheConnection.has(thrown.code)) throw thrown;
      unknown.push({ fact, why: thrown.message, ...(thrown.kind === 'environment' ? { mayPass: true } : {}) });
      return undefined;
    }
  };
  const list = <Spec extends z.ZodType>(kind: TypedKind<Spec>) => listPresent(client, kind, options);
  const [processors, memory, security, image, bootedEntries] = await Promise.all([
    attempt(
      'processors',
      async () => nonEmpty((await list(kinds.processors))?.flatMap(processorOf)),
      'its SMBIOS lists none',
    ),
    attempt(
      'memory',
      async () => nonEmpty((await list(kinds.memoryModules))?.flatMap(moduleOf)),
      'its SMBIOS lists no module',
    ),
    attempt(
      'secureBoot',
      async () => (await list(kinds.securityStates))?.[0]?.spec,
      'its Talos tells no security state',
    ),
    attempt(
      'image',
      async () => {
        const statuses = await list(kinds.extensionStatuses);
        return statuses === undefined ? undefined : imageOf(statuses);
      },
      'its Talos lists no extensions',
    ),
    list(kinds.bootedEntries).catch((thrown: unknown) => {
      if (!(thrown instanceof Fault) || ofTheConnection.has(thrown.code)) throw thrown;
      return undefined;
    }),
  ]);
  const isUefi = security?.secureBoot === true || security?.bootedWithUKI === true || (bootedEntries?.length ?? 0) > 0;
  const firmwareMode = isUefi
    ? 'uefi'
    : await attempt('firmwareMode', () => firmwareModeOf(client, options), 'its /sys/firmware cannot be listed');
  if (system === undefined) unknown.push({ fact: 'system', why: 'the board has no system information (SMBIOS)' });
  if (security !== undefined && security.secureBoot === undefined) {
    unknown.push({ fact: 'secureBoot', why: 'its Talos does not say' });
  }
  unknown.push({ fact: 'neighbours', why: 'Talos 1.11 to 1.14 tells nothing of LLDP' });
  return {
    hardware: {
      ...(system === undefined ? {} : { system }),
      ...(processors === undefined ? {} : { processors }),
      ...(memory === undefined ? {} : { memory: { totalMiB: totalOf(memory), modules: memory } }),
      ...(firmwareMode === undefined ? {} : { firmwareMode }),
      ...(security?.secureBoot === undefined ? {} : { secureBoot: security.secureBoot }),
    },
    ...(image === undefined ? {} : { image }),
    unknown: unknown.sort((a, b) => (a.fact < b.fact ? -1 : 1)),
  };
}

/**
 * The kernel shows a folder `efi` when firmware handed over by UEFI, and others in any case: a listing with none of them
 * tells nothing. Talos before 1.13 lists no files in maintenance mode.
 */
async function firmwareModeOf(client: TalosClient, options: CallOptions): Promise<'uefi' | 'bios' | undefined> {
  const found = new Set<string>();
  for await (const { relativePath, error } of client.listFiles({ root: '/sys/firmware' }, options)) {
    if (error === undefined && relativePath !== '.') found.add(relativePath);
  }
  if (found.size === 0) return undefined;
  return found.has('efi') ? 'uefi' : 'bios';
}

export function systemOf(
  resource: TypedResource<z.output<typeof kinds.systemInformations.spec>> | undefined,
): SystemInformation | undefined {
  if (resource === undefined) return undefined;
  const { manufacturer, productName, version, serialnumber, skuNumber } = resource.spec;
  return {
    ...(manufacturer === undefined ? {} : { vendor: manufacturer }),
    ...(productName === undefined ? {} : { product: productName }),
    ...(version === undefined ? {} : { version }),
    ...(serialnumber === undefined ? {} : { serial: serialnumber }),
    ...(skuNumber === undefined ? {} : { sku: skuNumber }),
  };
}

/** An empty socket has no cores. */
function processorOf({ spec }: TypedResource<z.output<typeof kinds.processors.spec>>): Processor[] {
  const { socket, manufacturer, productName, coreCount, threadCount, maxSpeedMhz } = spec;
  if (coreCount === 0 && threadCount === 0 && productName === undefined) return [];
  return [
    {
      ...(socket === undefined ? {} : { socket }),
      ...(manufacturer === undefined ? {} : { vendor: manufacturer }),
      ...(productName === undefined ? {} : { model: productName }),
      ...(coreCount === 0 ? {} : { cores: coreCount }),
      ...(threadCount === 0 ? {} : { threads: threadCount }),
      ...(maxSpeedMhz === 0 ? {} : { maxSpeedMHz: maxSpeedMhz }),
    },
  ];
}

/** An empty slot has no size. */
function moduleOf({ spec }: TypedResource<z.output<typeof kinds.memoryModules.spec>>): MemoryModule[] {
  const { sizeMiB, deviceLocator, speed, manufacturer, serialNumber, productName } = spec;
  if (sizeMiB === 0) return [];
  return [
    {
      ...(deviceLocator === undefined ? {} : { slot: deviceLocator }),
      sizeMiB,
      ...(speed === 0 ? {} : { speedMTs: speed }),
      ...(manufacturer === undefined ? {} : { vendor: manufacturer }),
      ...(serialNumber === undefined ? {} : { serial: serialNumber }),
      ...(productName === undefined ? {} : { part: productName }),
    },
  ];
}

const totalOf = (modules: readonly MemoryModule[]) => modules.reduce((sum, { sizeMiB }) => sum + sizeMiB, 0);

const nonEmpty = <T>(values: readonly T[] | undefined) =>
  values === undefined || values.length === 0 ? undefined : values;
