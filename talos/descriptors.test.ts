import type { DescEnum, DescField, DescMessage, DescService } from '@bufbuild/protobuf';
import { ScalarType } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { State } from './gen/cosi/resource/state_pb.ts';
import { MachineService } from './gen/machine/machine_pb.ts';
import talos112 from './testdata/api-v1.12.json' with { type: 'json' };
import talos113 from './testdata/api-v1.13.json' with { type: 'json' };

interface Described {
  services: Record<string, Record<string, unknown>>;
  messages: Record<string, unknown[]>;
  enums: Record<string, Record<string, number>>;
}

/** What our generated code says of everything that these services can reach, in the form of the tables. */
function describeApi(services: readonly DescService[]): Described {
  const all: Described = { services: {}, messages: {}, enums: {} };
  const addMessage = (message: DescMessage): void => {
    if (message.typeName.startsWith('google.protobuf.') || message.typeName in all.messages) return;
    all.messages[message.typeName] = message.fields.map(describeField);
    for (const { message: inner, enum: values } of message.fields) {
      if (inner !== undefined) addMessage(inner);
      if (values !== undefined) addEnum(values);
    }
  };
  const addEnum = ({ typeName, values }: DescEnum): void => {
    all.enums[typeName] = Object.fromEntries(values.map(({ name, number }) => [name, number]));
  };
  for (const service of services) {
    all.services[service.typeName] = Object.fromEntries(
      service.methods.map(({ name, input, output, methodKind }) => {
        addMessage(input);
        addMessage(output);
        const serverStreaming = methodKind === 'server_streaming' || methodKind === 'bidi_streaming';
        const clientStreaming = methodKind === 'client_streaming' || methodKind === 'bidi_streaming';
        return [name, { request: input.typeName, response: output.typeName, clientStreaming, serverStreaming }];
      }),
    );
  }
  return all;
}

const scalar = (type: ScalarType) => ScalarType[type].toLowerCase();

function describeField(field: DescField) {
  const { name, number } = field;
  switch (field.fieldKind) {
    case 'map': {
      if (field.mapKind !== 'scalar') throw new Error(`${name}: the tables have no such map`);
      return { name, number, type: `map<${scalar(field.mapKey)}, ${scalar(field.scalar)}>`, label: 'map' };
    }
    case 'list': {
      const type = field.message?.typeName ?? field.enum?.typeName ?? scalar(field.scalar ?? ScalarType.BYTES);
      return { name, number, type, label: 'repeated' };
    }
    default: {
      const type = field.message?.typeName ?? field.enum?.typeName ?? scalar(field.scalar ?? ScalarType.BYTES);
      return { name, number, type, label: field.proto.proto3Optional ? 'optional' : 'singular' };
    }
  }
}

describe('our protos', () => {
  it.each([
    ['1.12', talos112],
    ['1.13', talos113],
  ])('have the names, numbers, types and labels of Talos %s', (_, table) => {
    const { services, messages, enums } = table;
    expect(describeApi([MachineService, State])).toEqual({ services, messages, enums });
    expect(Object.keys(messages).length).toBeGreaterThan(30);
  });
});
