import type { DescMessage, DescMethod, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { create } from '@bufbuild/protobuf';
import { type Client, Metadata, type ServiceError } from '@grpc/grpc-js';
import { type Millis, seconds } from '../core/millis.ts';
import { faultOfGrpc } from './grpc-fault.ts';
import { grpcMethod } from './grpc-service.ts';

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** From the call to the last byte of the answer; 10 s when left out. */
  readonly deadline?: Millis;
  /** Takes secrets out of a text that may quote what we sent. */
  readonly redact?: (text: string) => string;
}

export interface GrpcChannel {
  readonly client: Client;
  /** Host and port, for faults. */
  readonly at: string;
}

type Unary<Input extends DescMessage, Output extends DescMessage> = DescMethod & {
  methodKind: 'unary';
  input: Input;
  output: Output;
};
type ServerStream<Input extends DescMessage, Output extends DescMessage> = DescMethod & {
  methodKind: 'server_streaming';
  input: Input;
  output: Output;
};

/** One request, one answer. Rejects with a fault of talos-faults.ts. */
export function callUnary<Input extends DescMessage, Output extends DescMessage>(
  channel: GrpcChannel,
  method: Unary<Input, Output>,
  request: MessageInitShape<Input>,
  options: CallOptions = {},
): Promise<MessageShape<Output>> {
  const { path, requestSerialize, responseDeserialize } = grpcMethod(method);
  return new Promise((resolve, reject) => {
    const end = new CallEnd(options);
    const call = channel.client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      create(method.input, request),
      new Metadata(),
      (error, response) => {
        if (error !== null) reject(end.faultOf(error, channel, method));
        else if (response !== undefined) resolve(response);
      },
    );
    end.cancels(call);
  });
}

/** One request, every message of the answer. Rejects with a fault of talos-faults.ts. */
export async function callServerStream<Input extends DescMessage, Output extends DescMessage>(
  channel: GrpcChannel,
  method: ServerStream<Input, Output>,
  request: MessageInitShape<Input>,
  options: CallOptions = {},
): Promise<MessageShape<Output>[]> {
  const { path, requestSerialize, responseDeserialize } = grpcMethod(method);
  const end = new CallEnd(options);
  const call = channel.client.makeServerStreamRequest(
    path,
    requestSerialize,
    responseDeserialize,
    create(method.input, request),
  );
  end.cancels(call);
  const messages: MessageShape<Output>[] = [];
  try {
    for await (const message of call) messages.push(message as MessageShape<Output>);
  } catch (error) {
    throw end.faultOf(error as ServiceError, channel, method);
  }
  return messages;
}

/** Ends a call at the caller's signal or at its deadline, and knows which of the two it was. */
class CallEnd {
  readonly #options: CallOptions;
  // A deadline of gRPC needs the wall clock, which may jump; a real socket is waited for in real time.
  readonly #deadline: AbortSignal;

  constructor(options: CallOptions) {
    this.#options = options;
    this.#deadline = AbortSignal.timeout(options.deadline ?? seconds(10));
  }

  cancels(call: { cancel(): void }): void {
    const { signal } = this.#options;
    const either = signal === undefined ? this.#deadline : AbortSignal.any([signal, this.#deadline]);
    const cancel = () => call.cancel();
    if (either.aborted) cancel();
    else either.addEventListener('abort', cancel, { once: true });
  }

  faultOf(error: ServiceError, { at }: GrpcChannel, method: DescMethod) {
    const { signal, redact } = this.#options;
    const ended = signal?.aborted ? 'signal' : this.#deadline.aborted ? 'deadline' : undefined;
    return faultOfGrpc(error, {
      at,
      call: method.name,
      ...(ended === undefined ? {} : { ended }),
      ...(redact === undefined ? {} : { redact }),
    });
  }
}
