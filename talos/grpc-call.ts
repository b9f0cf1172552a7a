import type { DescMessage, DescMethod, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { create } from '@bufbuild/protobuf';
import { Metadata, type ServiceError } from '@grpc/grpc-js';
import { Fault } from '../core/fault.ts';
import { CallEnd, type CallOptions } from './call-end.ts';
import { envelopeError } from './envelope-error.ts';
import type { GrpcChannel, GrpcLine } from './grpc-channel.ts';
import { type FaultContext, faultOfGrpc, neverLeft } from './grpc-fault.ts';
import { grpcMethod } from './grpc-service.ts';
import { meaningOf } from './retry-rules.ts';
import { talosCancelled } from './talos-faults.ts';

type Unary<Input extends DescMessage, Output extends DescMessage> = DescMethod & {
  methodKind: 'unary';
  input: Input;
  output: Output;
};
type ClientStream<Input extends DescMessage, Output extends DescMessage> = DescMethod & {
  methodKind: 'client_streaming';
  input: Input;
  output: Output;
};

/** One request, one answer. Rejects with a fault of talos-faults.ts, also when an OK answer carries an error. */
export function callUnary<Input extends DescMessage, Output extends DescMessage>(
  channel: GrpcChannel,
  method: Unary<Input, Output>,
  request: MessageInitShape<Input>,
  options: CallOptions = {},
): Promise<MessageShape<Output>> {
  const { path, requestSerialize, responseDeserialize } = grpcMethod(method);
  const end = new CallEnd(options, 'answer', channel);
  return overLines(channel, end, contextOf(channel, method, options), ({ client }) => {
    const answer = Promise.withResolvers<MessageShape<Output>>();
    const sent = create(method.input, request);
    const metadata = routeOf(channel);
    const call = client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      sent,
      metadata,
      (error, response) => {
        if (error !== null) answer.reject(error);
        else if (response !== undefined) answer.resolve(response);
      },
    );
    end.cancels(call);
    return answer.promise;
  });
}

/** As `callUnary`, but `undefined` instead of a fault when the retry rules say that it was done already. */
export async function ensureUnary<Input extends DescMessage, Output extends DescMessage>(
  channel: GrpcChannel,
  method: Unary<Input, Output>,
  request: MessageInitShape<Input>,
  options: CallOptions = {},
): Promise<MessageShape<Output> | undefined> {
  try {
    return await callUnary(channel, method, request, options);
  } catch (thrown) {
    if (thrown instanceof Fault && meaningOf(thrown) === 'done') return undefined;
    throw thrown;
  }
}

/** Many requests, one answer. The machine sets the pace: a request is asked for when the one before it has left. */
export function callClientStream<Input extends DescMessage, Output extends DescMessage>(
  channel: GrpcChannel,
  method: ClientStream<Input, Output>,
  requests: AsyncIterable<MessageInitShape<Input>>,
  options: CallOptions = {},
): Promise<MessageShape<Output>> {
  const { path, requestSerialize, responseDeserialize } = grpcMethod(method);
  const end = new CallEnd(options, 'silence', channel);
  let isTaken = false;
  return overLines(
    channel,
    end,
    contextOf(channel, method, options),
    async ({ client }) => {
      const answer = Promise.withResolvers<MessageShape<Output>>();
      const call = client.makeClientStreamRequest(
        path,
        requestSerialize,
        responseDeserialize,
        routeOf(channel),
        (error, response) => {
          if (error !== null) answer.reject(error);
          else if (response !== undefined) answer.resolve(response);
        },
      );
      end.cancels(call);
      // The answer may come before everything is sent: it is then a refusal, and the rest is not needed.
      let isAnswered = false;
      const settled = answer.promise.finally(() => {
        isAnswered = true;
      });
      settled.catch(() => undefined);
      const send = async () => {
        // While the next request is fetched, the silence is ours.
        end.hears();
        for await (const request of requests) {
          isTaken = true;
          if (isAnswered) return;
          end.waits();
          const hasRoom = call.write(create(method.input, request));
          if (!hasRoom) await Promise.race([new Promise((resolve) => call.once('drain', resolve)), settled]);
          end.hears();
        }
        end.waits();
        call.end();
      };
      const sending = send().catch((thrown: unknown) => {
        call.cancel();
        throw thrown;
      });
      await Promise.race([settled, sending]);
      return settled;
    },
    () => !isTaken,
  );
}

/** Tells the endpoint to which machine it is to pass the call on. */
export function routeOf({ node }: GrpcChannel): Metadata {
  const metadata = new Metadata();
  if (node !== undefined) metadata.set('node', node);
  return metadata;
}

export const contextOf = ({ at }: GrpcChannel, { name }: DescMethod, { redact }: CallOptions): FaultContext => ({
  at,
  call: name,
  ...(redact === undefined ? {} : { redact }),
});

/**
 * Makes the call at one endpoint after the other for as long as it has not left us, so that nothing is done twice.
 * An endpoint that cannot be reached is not the first choice of the next call either.
 */
async function overLines<Answer extends object>(
  channel: GrpcChannel,
  end: CallEnd,
  context: FaultContext,
  makeCall: (line: GrpcLine) => Promise<Answer>,
  mayRepeat: () => boolean = () => true,
): Promise<Answer> {
  try {
    for (let left = channel.width; ; left -= 1) {
      refuseClosed(channel, context);
      const { line } = channel;
      const heard = line.connection.bytesRead;
      try {
        const answer = await makeCall(line);
        const error = envelopeError(answer);
        if (error !== undefined) throw faultOfGrpc(error, context);
        return answer;
      } catch (thrown) {
        const again = onFailure(thrown, { channel, line, end, heard });
        if (left <= 1 || again === 'stop' || !mayRepeat()) throw faultOfCall(thrown, end, context);
      }
    }
  } finally {
    end.close();
  }
}

/** A channel that was closed makes no call. Fault `talos/cancelled`. */
export function refuseClosed({ closing }: GrpcChannel, { at, call }: FaultContext): void {
  if (closing.aborted) throw talosCancelled({ at, call, reason: 'the connection was closed' });
}

/**
 * Whether the next endpoint may be asked the same. `heard`: how much had come over the line when the wait began. When
 * nothing came since, the other end is taken for gone, and streams that would go on waiting for it break off too: while
 * the kernel repeats what it has sent and nobody has acknowledged, it asks for no sign of life, for a quarter of an hour.
 */
export function onFailure(
  thrown: unknown,
  { channel, line, end, heard }: { channel: GrpcChannel; line: GrpcLine; end: CallEnd; heard: number },
): 'next' | 'stop' {
  const isLost = isServiceError(thrown) && neverLeft(thrown);
  if (isLost || end.ended === 'deadline') channel.turnFrom(line);
  if (end.ended === 'deadline' && end.isPatient && line.connection.bytesRead === heard) line.connection.breakOff();
  return isLost && end.ended === undefined ? 'next' : 'stop';
}

/** The fault of a call; what is not from gRPC, such as a fault of who gave us the requests, stays what it is. */
export function faultOfCall(thrown: unknown, end: CallEnd, context: FaultContext): unknown {
  if (!isServiceError(thrown)) return thrown;
  return faultOfGrpc(thrown, { ...context, ...(end.ended === undefined ? {} : { ended: end.ended }) });
}

const isServiceError = (thrown: unknown): thrown is ServiceError =>
  thrown instanceof Error && 'code' in thrown && 'details' in thrown && 'metadata' in thrown;
