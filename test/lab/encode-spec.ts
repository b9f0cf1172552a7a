import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { parse } from 'yaml';
import fieldsOfTypes from './resource-fields.json' with { type: 'json' };

/** Of each resource type: from the YAML key of a field to its number and kind, such as `14 s`. */
const tables: Readonly<Record<string, Readonly<Record<string, string>>>> = fieldsOfTypes;

/** The words that Talos writes for numbers. A word that is not here stands for 0. */
const words: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  stage: {
    ...{ booting: 1, installing: 2, maintenance: 3, running: 4, rebooting: 5 },
    ...{ 'shutting down': 6, resetting: 7, upgrading: 8 },
  },
  operState: { notPresent: 1, down: 2, lowerLayerDown: 3, testing: 4, dormant: 5, up: 6 },
  linkType: { netrom: 0, ether: 1, infiniband: 32, loopback: 772, none: 65_534, void: 65_535 },
  family: { inet4: 2, inet6: 10 },
  scope: { global: 0, site: 200, link: 253, host: 254, nowhere: 255 },
  port: { TwistedPair: 0, AUI: 1, MII: 2, Fibre: 3, BNC: 4, DirectAttach: 5, None: 239, Other: 255 },
  duplex: { Half: 0, Full: 1, Unknown: 255 },
  machineType: { init: 1, controlplane: 2, worker: 3 },
  selinux: { disabled: 0, permissive: 1, enforcing: 2 },
};

const flags: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  addressFlags: { temporary: 1, noDad: 2, deprecated: 32, tentative: 64, permanent: 128 },
  linkFlags: { UP: 1, BROADCAST: 2, LOOPBACK: 8, POINTTOPOINT: 16, RUNNING: 64, MULTICAST: 4096, LOWER_UP: 65_536 },
};

/**
 * The protobuf half of a spec, from its YAML half: what Go clients read. A field whose Go type is no scalar, address or
 * word is left out, as is a whole type that nobody needs in this form.
 */
export function encodeSpec(type: string, yaml: string): Uint8Array {
  const table = tables[type];
  const isText = type === 'MachineTypes.config.talos.dev' || type === 'MachineConfigs.config.talos.dev';
  if (table === undefined && !isText) return new Uint8Array();
  const spec: unknown = parse(yaml, { intAsBigInt: true });
  if (type === 'MachineTypes.config.talos.dev')
    return new BinaryWriter().uint32(8).int32(wordOf('machineType', spec)).finish();
  if (type === 'MachineConfigs.config.talos.dev') {
    return new BinaryWriter()
      .uint32(10)
      .bytes(Buffer.from(String(spec)))
      .finish();
  }
  return table === undefined ? new Uint8Array() : encodeMessage(spec, table);
}

function encodeMessage(spec: unknown, table: Readonly<Record<string, string>>): Uint8Array {
  const writer = new BinaryWriter();
  const values = Object.entries(typeof spec === 'object' && spec !== null ? spec : {});
  for (const [key, value] of values) {
    const [number, kind = ''] = table[key]?.split(' ') ?? [];
    if (number === undefined) continue;
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value])
      encodeField(writer, Number(number), kind, one);
  }
  return writer.finish();
}

function encodeField(writer: BinaryWriter, number: number, kind: string, value: unknown): void {
  const varint = () => writer.uint32(number << 3);
  const bytes = (content: Uint8Array) => writer.uint32((number << 3) | 2).bytes(content);
  switch (kind) {
    case 's':
    case 'S':
      bytes(Buffer.from(String(value)));
      break;
    case 'b':
      varint().bool(value === true);
      break;
    case 'u':
      varint().uint64(value as bigint);
      break;
    case 'i':
      varint().int64(value as bigint);
      break;
    case 'mac':
      bytes(Buffer.from(String(value).replaceAll(':', ''), 'hex'));
      break;
    case 'ip':
    case 'ips':
      bytes(addressOf(String(value)).finish());
      break;
    case 'prefix': {
      const [address = '', length] = String(value).split('/');
      bytes(addressOf(address).uint32(16).int32(Number(length)).finish());
      break;
    }
    case 'machineStatus':
      bytes(encodeMessage(value, { ready: '1 b', unmetConditions: '2 condition' }));
      break;
    case 'condition':
      bytes(encodeMessage(value, { name: '1 s', reason: '2 s' }));
      break;
    default:
      varint().uint64(kind in flags ? flagsOf(kind, value) : wordOf(kind, value));
  }
}

/** common.NetIP, and the beginning of common.NetIPPrefix. */
const addressOf = (ipv4: string) => new BinaryWriter().uint32(10).bytes(Uint8Array.from(ipv4.split('.').map(Number)));

const wordOf = (kind: string, value: unknown): number => words[kind]?.[String(value)] ?? 0;

const flagsOf = (kind: string, value: unknown): number =>
  String(value)
    .split(',')
    .reduce((sum, word) => sum + (flags[kind]?.[word] ?? 0), 0);
