import type { DescMessage, DescService, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import type { status } from '@grpc/grpc-js';

/** An answer that is a gRPC error. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: status;

  constructor(code: status, message: string) {
    super(message);
    this.code = code;
  }
}

/** A call as a node sees it. */
export interface TalosCall {
  /** Of the caller's certificate. */
  readonly roles: readonly string[];
  /** Aborted when the caller went away, or the node's API did. */
  readonly signal: AbortSignal;
  /** Done once the reply is on its way: what the reply announces. */
  afterReply(effect: () => void): void;
}

/** What a node answers, by the name of the method in lowerCamelCase; a method left out is UNIMPLEMENTED. */
export type TalosHandlers<Service extends DescService> = {
  readonly [Name in keyof Service['method']]?: Service['method'][Name] extends {
    methodKind: infer Kind;
    input: infer Input extends DescMessage;
    output: infer Output extends DescMessage;
  }
    ? Kind extends 'unary'
      ? (request: MessageShape<Input>, call: TalosCall) => MessageInitShape<Output> | Promise<MessageInitShape<Output>>
      : Kind extends 'client_streaming'
        ? (requests: AsyncIterable<MessageShape<Input>>, call: TalosCall) => Promise<MessageInitShape<Output>>
        : (request: MessageShape<Input>, call: TalosCall) => AsyncIterable<MessageInitShape<Output>>
    : never;
};
