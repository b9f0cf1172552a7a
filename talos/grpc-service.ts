import type { DescMessage, DescMethod, DescService, MessageShape } from '@bufbuild/protobuf';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import type {
  handleClientStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
  MethodDefinition,
  ServiceDefinition,
} from '@grpc/grpc-js';

/** What a server implements of a service, named in lowerCamelCase; a method left out is answered UNIMPLEMENTED. */
export type GrpcHandlers<Service extends DescService> = {
  [Name in keyof Service['method']]?: Service['method'][Name] extends {
    methodKind: infer Kind;
    input: infer Input extends DescMessage;
    output: infer Output extends DescMessage;
  }
    ? Kind extends 'unary'
      ? handleUnaryCall<MessageShape<Input>, MessageShape<Output>>
      : Kind extends 'client_streaming'
        ? handleClientStreamingCall<MessageShape<Input>, MessageShape<Output>>
        : handleServerStreamingCall<MessageShape<Input>, MessageShape<Output>>
    : never;
};

/** A generated method as grpc-js takes it: the path on the wire, and how messages become bytes. */
export function grpcMethod<Input extends DescMessage, Output extends DescMessage>(
  method: DescMethod & { input: Input; output: Output },
): MethodDefinition<MessageShape<Input>, MessageShape<Output>> {
  const encode = (schema: DescMessage) => (message: object) =>
    Buffer.from(toBinary(schema, message as MessageShape<DescMessage>));
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    requestStream: method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming',
    responseStream: method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming',
    requestSerialize: encode(method.input),
    requestDeserialize: (bytes) => fromBinary(method.input, bytes),
    responseSerialize: encode(method.output),
    responseDeserialize: (bytes) => fromBinary(method.output, bytes),
  };
}

/** A generated service as `Server.addService` of grpc-js takes it, keyed as in `GrpcHandlers`. */
export function grpcService(service: DescService): ServiceDefinition {
  return Object.fromEntries(service.methods.map((method) => [method.localName, grpcMethod(method)]));
}
