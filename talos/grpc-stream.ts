import type { DescMessage, DescMethod, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { create } from '@bufbuild/protobuf';
import { CallEnd, type CallOptions } from './call-end.ts';
import { envelopeError } from './envelope-error.ts';
import { contextOf, faultOfCall, onFailure, refuseClosed, routeOf } from './grpc-call.ts';
import type { GrpcChannel } from './grpc-channel.ts';
import { faultOfGrpc } from './grpc-fault.ts';
import { grpcMethod } from './grpc-service.ts';

type ServerStream<Input extends DescMessage, Output extends DescMessage> = DescMethod & {
  methodKind: 'server_streaming';
  input: Input;
  output: Output;
};

export interface StreamOptions extends CallOptions {
  /** The stream never ends by itself: only its first message is waited for with a deadline. */
  readonly isEndless?: boolean;
}

/**
 * One request, the messages of the answer as they come. Ends when the machine ends it well; throws a fault of
 * talos-faults.ts when it breaks off, also in the middle. Leaving the loop ends the call.
 */
export async function* openServerStream<Input extends DescMessage, Output extends DescMessage>(
  channel: GrpcChannel,
  method: ServerStream<Input, Output>,
  request: MessageInitShape<Input>,
  options: StreamOptions = {},
): AsyncGenerator<MessageShape<Output>, void, undefined> {
  const { path, requestSerialize, responseDeserialize } = grpcMethod(method);
  const end = new CallEnd(options, options.isEndless ? 'first' : 'silence', channel);
  const context = contextOf(channel, method, options);
  let isBegun = false;
  try {
    for (let left = channel.width; ; left -= 1) {
      refuseClosed(channel, context);
      const { line } = channel;
      let heard = line.connection.bytesRead;
      const sent = create(method.input, request);
      const call = line.client.makeServerStreamRequest(
        path,
        requestSerialize,
        responseDeserialize,
        sent,
        routeOf(channel),
      );
      // After we have left, the end of the call has no other listener.
      call.on('error', () => undefined);
      end.cancels(call);
      try {
        for await (const message of call as AsyncIterable<MessageShape<Output>>) {
          isBegun = true;
          end.hears();
          const error = envelopeError(message);
          if (error !== undefined) throw faultOfGrpc(error, context);
          yield message;
          heard = line.connection.bytesRead;
          end.waits();
        }
        return;
      } catch (thrown) {
        const again = onFailure(thrown, { channel, line, end, heard });
        if (isBegun || left <= 1 || again === 'stop') throw faultOfCall(thrown, end, context);
      } finally {
        call.cancel();
      }
    }
  } finally {
    end.close();
  }
}

/** One request, every message of the answer. */
export async function callServerStream<Input extends DescMessage, Output extends DescMessage>(
  channel: GrpcChannel,
  method: ServerStream<Input, Output>,
  request: MessageInitShape<Input>,
  options: CallOptions = {},
): Promise<MessageShape<Output>[]> {
  return Array.fromAsync(openServerStream(channel, method, request, options));
}
