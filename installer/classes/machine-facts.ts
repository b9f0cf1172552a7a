import type { Machine, TalosObservation } from '../../core/machine.ts';

/** What the selector of a class can ask of a machine, as the Common Expression Language sees it: names and types. */
export const factSchema = {
  uuid: 'string',
  macs: 'list<string>',
  vendor: 'string',
  product: 'string',
  serial: 'string',
  memoryGB: 'double',
  cores: 'int',
  firmware: 'string',
  secureBoot: 'bool',
  disks: 'list<Disk>',
  links: 'list<Link>',
} as const;

export const diskSchema = {
  name: 'string',
  sizeGB: 'double',
  model: 'string',
  serial: 'string',
  wwid: 'string',
  transport: 'string',
  rotational: 'bool',
  signatures: 'list<string>',
} as const;

export const linkSchema = {
  name: 'string',
  mac: 'string',
  up: 'bool',
  driver: 'string',
  speedMbps: 'int',
} as const;

/** The evaluator tells the type of an item of a list by its class. */
export class DiskFacts {
  readonly [fact: string]: unknown;
}
export class LinkFacts {
  readonly [fact: string]: unknown;
}

type Facts<Schema> = Partial<Record<keyof Schema, unknown>>;

/** The facts of a machine that Talos runs on. What is not known is left out, so that asking for it is no answer. */
export function factsOf({ macs, uuid }: Machine, talos: TalosObservation): Facts<typeof factSchema> {
  const { system, processors, memory, firmwareMode, secureBoot } = talos.hardware ?? {};
  const cores = processors?.map((processor) => processor.cores);
  return known<Facts<typeof factSchema>>({
    uuid,
    macs,
    vendor: system?.vendor,
    product: system?.product,
    serial: system?.serial,
    memoryGB: memory === undefined ? undefined : (memory.totalMiB * 1024 ** 2) / 1e9,
    cores: cores?.every((count) => count !== undefined)
      ? BigInt(cores.reduce((sum, count) => sum + count, 0))
      : undefined,
    firmware: firmwareMode,
    secureBoot,
    disks: talos.disks
      // What has no transport is no physical disk.
      .filter(({ transport }) => transport !== undefined && transport !== '')
      .map(({ name, sizeBytes, model, serial, wwid, transport, rotational, signatures, isUnprobed }) =>
        Object.assign(
          new DiskFacts(),
          known({
            name,
            sizeGB: Number(sizeBytes) / 1e9,
            model,
            serial,
            wwid,
            transport,
            rotational,
            signatures: isUnprobed === true ? undefined : signatures,
          }),
        ),
      ),
    links: talos.links
      .filter(({ isPhysical }) => isPhysical)
      .map(({ name, mac, isUp, driver, speedMbit }) =>
        Object.assign(
          new LinkFacts(),
          known({
            name,
            mac,
            up: isUp,
            driver,
            speedMbps: speedMbit === undefined ? undefined : BigInt(speedMbit),
          }),
        ),
      ),
  });
}

const known = <Values extends object>(values: Values): Values =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Values;
