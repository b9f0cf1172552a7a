import { create, type DescMessage, type DescMethod, type DescService, type Message } from '@bufbuild/protobuf';
import {
  type Metadata,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceError,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { merge } from './message-queue.ts';
import { type CallWithPeer, refuseAccess, refuseUntimely, rolesOf } from './talos-access.ts';
import { Refusal, type TalosCall, type TalosHandlers } from './talos-call.ts';
import type { TalosNode } from './talos-node.ts';
import { routeOf, type Target, unreachable } from './talos-routing.ts';

type AnyHandler = (request: unknown, call: TalosCall) => unknown;
type Incoming = CallWithPeer & { readonly metadata: Metadata } & AbortableCall;
interface AbortableCall {
  on(event: 'cancelled' | 'close', listener: () => void): unknown;
}

/**
 * A service of a node as grpc-js takes it: who may call, who is asked (the node itself or others, by metadata), and the
 * envelope around what several of them say.
 */
export function serveNode<Service extends DescService>(
  node: TalosNode,
  service: Service,
  handlersOf: (node: TalosNode) => TalosHandlers<Service>,
): UntypedServiceImplementation {
  const known = handlersOf(node) as Record<string, AnyHandler | undefined>;
  const implemented = service.methods.filter(({ localName }) => known[localName] !== undefined);
  return Object.fromEntries(
    implemented.map((method) => [method.localName, new Wrapped(node, method, handlersOf as never).handler]),
  ) as UntypedServiceImplementation;
}

class Wrapped {
  readonly #node: TalosNode;
  readonly #method: DescMethod;
  readonly #handlersOf: (node: TalosNode) => Record<string, AnyHandler | undefined>;

  constructor(node: TalosNode, method: DescMethod, handlersOf: (node: TalosNode) => Record<string, AnyHandler>) {
    this.#node = node;
    this.#method = method;
    this.#handlersOf = handlersOf;
  }

  get handler(): (call: never, reply: never) => void {
    const isStream = this.#method.methodKind === 'server_streaming';
    return (isStream ? this.#answerStream : this.#answerOnce) as (call: never, reply: never) => void;
  }

  readonly #answerOnce = (
    call: Incoming & Partial<ServerUnaryCall<Message, Message>> & AsyncIterable<Message>,
    reply: sendUnaryData<Message>,
  ): void => {
    const effects: (() => void)[] = [];
    const context = this.#contextOf(call, effects);
    const request = this.#method.methodKind === 'unary' ? call.request : call;
    const answer = async () => {
      const route = this.#route(call);
      if (route.kind === 'one') return this.#message(await this.#ask(route.target, request, context));
      const all = await Promise.all(route.targets.map((target) => this.#askForMany(target, request, context)));
      return this.#message({ messages: all.flat() });
    };
    answer().then(
      (message) => {
        reply(null, message);
        for (const effect of effects) effect();
      },
      (reason: unknown) => reply(serviceError(reason)),
    );
  };

  readonly #answerStream = (call: Incoming & ServerWritableStream<Message, Message>): void => {
    const context = this.#contextOf(call, []);
    const answer = async () => {
      const route = this.#route(call);
      const messages =
        route.kind === 'one'
          ? this.#stream(route.target, call.request, context)
          : merge(route.targets.map((target) => this.#streamForMany(target, call.request, context)));
      for await (const message of messages) {
        if (context.signal.aborted) return;
        if (!call.write(this.#message(message))) await drained(call, context.signal);
      }
    };
    answer().then(
      () => call.end(),
      (reason: unknown) => call.emit('error', serviceError(reason)),
    );
  };

  #route(call: Incoming) {
    refuseUntimely(call, this.#node);
    return routeOf(this.#node, this.#method.parent.typeName, call.metadata);
  }

  #message(init: object): Message {
    return create<DescMessage>(this.#method.output, init as never);
  }

  #handlerOf(target: Target, { roles }: TalosCall): AnyHandler {
    const { node } = target;
    if (node === undefined || target.gone?.aborted === true) throw unreachable(target.name);
    refuseAccess(node, `${this.#method.parent.typeName}/${this.#method.name}`, roles);
    const handler = this.#handlersOf(node)[this.#method.localName];
    if (handler === undefined) throw new Refusal(status.UNIMPLEMENTED, `method ${this.#method.name} not implemented`);
    return handler;
  }

  async #ask(target: Target, request: unknown, context: TalosCall): Promise<object> {
    return (await this.#handlerOf(target, context)(request, context)) as object;
  }

  /** Several nodes are asked: what one says, or what became of the question. */
  async #askForMany(target: Target, request: unknown, context: TalosCall): Promise<object[]> {
    try {
      const { messages = [] } = (await this.#ask(target, request, context)) as { messages?: object[] };
      return messages.map((message) => ({ ...message, metadata: { hostname: target.name } }));
    } catch (reason) {
      return [{ metadata: failureOf(target.name, reason) }];
    }
  }

  async *#stream(target: Target, request: unknown, context: TalosCall): AsyncGenerator<object, void> {
    const signal = target.gone === undefined ? context.signal : AbortSignal.any([context.signal, target.gone]);
    const messages = this.#handlerOf(target, context)(request, { ...context, signal }) as AsyncIterable<object>;
    yield* messages;
    if (target.gone?.aborted === true) throw new Refusal(status.UNAVAILABLE, 'error reading from server: EOF');
  }

  async *#streamForMany(target: Target, request: unknown, context: TalosCall): AsyncGenerator<object, void> {
    try {
      for await (const message of this.#stream(target, request, context)) {
        yield { ...message, metadata: { hostname: target.name } };
      }
    } catch (reason) {
      yield { metadata: failureOf(target.name, reason) };
    }
  }

  #contextOf(call: Incoming, effects: (() => void)[]): TalosCall {
    const left = new AbortController();
    // A reason of our own: Node would make an error with a stack for each call.
    const leave = () => left.abort('the call has ended');
    call.on('cancelled', leave);
    call.on('close', leave);
    return {
      roles: rolesOf(call, this.#node),
      signal: left.signal,
      afterReply: (effect) => void effects.push(effect),
    };
  }
}

const drained = (call: ServerWritableStream<Message, Message>, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    call.once('drain', () => resolve());
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });

/** What is no refusal is a mistake of the simulation: a node says so as Go says that it panicked. */
function serviceError(reason: unknown): Partial<ServiceError> {
  if (reason instanceof Refusal) return { code: reason.code, details: reason.message };
  return {
    code: status.INTERNAL,
    details: `panic: ${reason instanceof Error ? (reason.stack ?? '') : String(reason)}`,
  };
}

function failureOf(hostname: string, reason: unknown): object {
  const { code, details: message } = serviceError(reason);
  return {
    hostname,
    error: `rpc error: code = ${status[code ?? 2]} desc = ${message ?? ''}`,
    status: { code, message },
  };
}
