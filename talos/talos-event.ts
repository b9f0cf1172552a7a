import { type DescMessage, fromBinary, type MessageShape } from '@bufbuild/protobuf';
import { enumName } from './enum-name.ts';
import { Code } from './gen/common/common_pb.ts';
import {
  AddressEventSchema,
  ConfigLoadErrorEventSchema,
  ConfigValidationErrorEventSchema,
  type Event,
  MachineStatusEvent_MachineStage as MachineStage,
  MachineStatusEventSchema,
  PhaseEvent_Action as PhaseAction,
  PhaseEventSchema,
  RestartEventSchema,
  SequenceEvent_Action as SequenceAction,
  SequenceEventSchema,
  ServiceStateEvent_Action as ServiceAction,
  ServiceStateEventSchema,
  TaskEvent_Action as TaskAction,
  TaskEventSchema,
} from './gen/machine/event_pb.ts';
import { talosGarbled } from './talos-faults.ts';

type What =
  /** NOOP with an error: it did not begin. LOCKED: because another one holds the machine. */
  | {
      readonly type: 'sequence';
      readonly sequence: string;
      readonly action: keyof typeof SequenceAction;
      readonly error?: { readonly code: keyof typeof Code; readonly message: string };
    }
  | { readonly type: 'phase'; readonly phase: string; readonly action: keyof typeof PhaseAction }
  | { readonly type: 'task'; readonly task: string; readonly action: keyof typeof TaskAction }
  | {
      readonly type: 'service';
      readonly service: string;
      readonly action: keyof typeof ServiceAction;
      readonly message: string;
      /** `undefined` when the service has no health check or none has run. */
      readonly isHealthy?: boolean;
    }
  | { readonly type: 'restart'; readonly command: bigint }
  | { readonly type: 'config-load-error'; readonly error: string }
  | { readonly type: 'config-validation-error'; readonly error: string }
  | { readonly type: 'address'; readonly hostname: string; readonly addresses: readonly string[] }
  | {
      readonly type: 'machine-status';
      readonly stage: keyof typeof MachineStage;
      /** Also true in the stages that have no conditions, such as MAINTENANCE. */
      readonly isReady: boolean;
      readonly unmetConditions: readonly string[];
    };

/** Something that happened on a machine, in Talos' words. */
export type TalosEvent = What & {
  /** Grows with time within one boot. */
  readonly id: string;
  /** Of the call that has caused it; empty for what the machine does by itself. */
  readonly actorId: string;
};

interface About {
  readonly at: string;
  readonly call: string;
}

interface Decoder {
  readonly url: string;
  decode(bytes: Uint8Array, about: About): What;
}

/** Not the prefix of google.protobuf.Any: Talos has its own. */
const decoder = <Schema extends DescMessage>(
  schema: Schema,
  describe: (message: MessageShape<Schema>, about: About) => What,
): Decoder => ({
  url: `talos/runtime/${schema.typeName}`,
  decode: (bytes, about) => describe(read(schema, bytes, about), about),
});

const decoders: readonly Decoder[] = [
  decoder(SequenceEventSchema, ({ sequence, action, error }, about) => ({
    type: 'sequence',
    sequence,
    action: enumName(SequenceAction, action, about),
    ...(error === undefined ? {} : { error: { code: enumName(Code, error.code, about), message: error.message } }),
  })),
  decoder(PhaseEventSchema, ({ phase, action }, about) => ({
    type: 'phase',
    phase,
    action: enumName(PhaseAction, action, about),
  })),
  decoder(TaskEventSchema, ({ task, action }, about) => ({
    type: 'task',
    task,
    action: enumName(TaskAction, action, about),
  })),
  decoder(ServiceStateEventSchema, ({ service, action, message, health }, about) => ({
    type: 'service',
    service,
    action: enumName(ServiceAction, action, about),
    message,
    ...(health === undefined || health.unknown ? {} : { isHealthy: health.healthy }),
  })),
  decoder(RestartEventSchema, ({ cmd }) => ({ type: 'restart', command: cmd })),
  decoder(ConfigLoadErrorEventSchema, ({ error }) => ({ type: 'config-load-error', error })),
  decoder(ConfigValidationErrorEventSchema, ({ error }) => ({ type: 'config-validation-error', error })),
  decoder(AddressEventSchema, ({ hostname, addresses }) => ({ type: 'address', hostname, addresses })),
  decoder(MachineStatusEventSchema, ({ stage, status }, about) => ({
    type: 'machine-status',
    stage: enumName(MachineStage, stage, about),
    isReady: status?.ready ?? false,
    unmetConditions: status?.unmetConditions.map(({ name, reason }) => `${name}: ${reason}`) ?? [],
  })),
];

/**
 * One message of the event stream; `undefined` for the hello at its beginning and for kinds of events that we do not
 * know. Fault `talos/garbled` for a known kind with a content that cannot be read.
 */
export function decodeEvent({ data, id, actorId }: Event, about: About): TalosEvent | undefined {
  if (data === undefined) return undefined;
  const found = decoders.find(({ url }) => url === data.typeUrl);
  return found === undefined ? undefined : { ...found.decode(data.value, about), id, actorId };
}

function read<Schema extends DescMessage>(schema: Schema, bytes: Uint8Array, about: About): MessageShape<Schema> {
  try {
    return fromBinary(schema, bytes);
  } catch {
    throw talosGarbled({ ...about, reason: `${schema.name} is not well-formed` });
  }
}
