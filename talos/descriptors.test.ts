import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type DescEnum,
  type DescField,
  type DescFile,
  type DescMessage,
  type DescMethod,
  ScalarType,
} from '@bufbuild/protobuf';
import { beforeAll, describe, expect, it } from 'vitest';

const here = dirname(fileURLToPath(import.meta.url));

/** What a Talos release lacks of what we define: everything whose line begins so. */
const absent: Readonly<Record<string, readonly string[]>> = {
  '1.11': ['value machine.RebootRequest.Mode.FORCE ', 'Image', 'Lifecycle', 'Array'],
  '1.12': ['Image', 'Lifecycle', 'Array'],
  '1.13': ['Array'],
  '1.14': [],
};

/** Services that came with a later Talos, and the messages that only they use. */
const later: Readonly<Record<string, readonly string[]>> = {
  Image: ['machine.ImageService', 'common.ContainerdInstance'],
  Lifecycle: ['machine.LifecycleService', 'machine.Install'],
  Array: ['machine.LVMService', 'machine.MD'],
};

const isAbsent = (version: string) => {
  const prefixes = absent[version]!.flatMap((one) => later[one] ?? [one]);
  return (line: string) =>
    prefixes.some((prefix) => line.startsWith(prefix) || line.slice(line.indexOf(' ') + 1).startsWith(prefix));
};

/** Every file of talos/gen, one line for each call, message, field and enum value: the form of talos/testdata. */
async function describeGenerated(): Promise<string[]> {
  const lines: string[] = [];
  const names = readdirSync(join(here, 'gen'), { recursive: true, encoding: 'utf8' });
  for (const name of names.filter((one) => one.endsWith('_pb.ts'))) {
    const generated = (await import(/* @vite-ignore */ join(here, 'gen', name))) as Record<string, unknown>;
    for (const thing of Object.values(generated)) {
      const file = thing as DescFile | { kind: 'another' };
      if (file.kind !== 'file') continue;
      lines.push(...file.services.flatMap((service) => service.methods.map(renderMethod)));
      lines.push(...file.messages.flatMap(renderMessage), ...file.enums.flatMap(renderEnum));
    }
  }
  return lines.sort();
}

function renderMethod({ name, parent, input, output, methodKind }: DescMethod): string {
  const asks = methodKind === 'client_streaming' || methodKind === 'bidi_streaming' ? 'stream ' : '';
  const answers = methodKind === 'server_streaming' || methodKind === 'bidi_streaming' ? 'stream ' : '';
  return `rpc ${parent.typeName}/${name} (${asks}${input.typeName}) returns (${answers}${output.typeName})`;
}

const renderMessage = (message: DescMessage): string[] => [
  `message ${message.typeName}`,
  ...message.fields.map((field) => `field ${message.typeName}.${field.name} = ${field.number} ${renderType(field)}`),
  ...message.nestedMessages.flatMap(renderMessage),
  ...message.nestedEnums.flatMap(renderEnum),
];

const renderEnum = ({ typeName, values }: DescEnum): string[] =>
  values.map(({ name, number }) => `value ${typeName}.${name} = ${number}`);

function renderType(field: DescField): string {
  const scalar = (type: ScalarType | undefined) => ScalarType[type ?? ScalarType.BYTES].toLowerCase();
  if (field.fieldKind === 'map') {
    if (field.mapKind !== 'scalar') throw new Error(`${field.name}: the tables have no such map`);
    return `map map<${scalar(field.mapKey)}, ${scalar(field.scalar)}>`;
  }
  const type = field.message?.typeName ?? field.enum?.typeName ?? scalar(field.scalar);
  if (field.fieldKind === 'list') return `repeated ${type}`;
  if (field.proto.proto3Optional) return `optional ${type}`;
  return `${field.oneof === undefined ? 'singular' : 'oneof'} ${type}`;
}

describe('our protos', () => {
  let ours: string[];
  beforeAll(async () => {
    ours = await describeGenerated();
    expect(ours.length).toBeGreaterThan(600);
  });

  it.each(Object.keys(absent))('have the names, numbers, types and labels of Talos %s', (version) => {
    const theirs = readFileSync(join(here, 'testdata', `api-v${version}.txt`), 'utf8')
      .trimEnd()
      .split('\n');
    expect(ours.filter((line) => !isAbsent(version)(line))).toEqual(theirs.sort());
  });
});
