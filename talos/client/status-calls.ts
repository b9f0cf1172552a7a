import type { Timestamp } from '@bufbuild/protobuf/wkt';
import { type Millis, millis } from '../../core/millis.ts';
import type { CallOptions } from '../call-end.ts';
import { MachineService } from '../gen/machine/machine_pb.ts';
import { TimeService } from '../gen/time/time_pb.ts';
import { callUnary } from '../grpc-call.ts';
import type { GrpcChannel } from '../grpc-channel.ts';
import { callServerStream } from '../grpc-stream.ts';
import { extractKubeconfig } from '../kubeconfig-archive.ts';
import { talosGarbled } from '../talos-faults.ts';

export interface TalosService {
  readonly id: string;
  /** Starting, Waiting, Preparing, Running, Stopping, Finished, Failed, Skipped … */
  readonly state: string;
  /** `undefined` when the service has no health check or none has run. */
  readonly isHealthy?: boolean;
  /** What its health check or its last event said. */
  readonly lastMessage: string;
}

export interface TalosVersion {
  /** With the leading v. */
  readonly tag: string;
  readonly arch: string;
  readonly platform: string;
}

export interface TalosTime {
  /** The NTP server that the machine asked. */
  readonly server: string;
  /** How far the machine's clock is ahead of that server's. */
  readonly ahead: Millis;
  /** What the machine's clock shows, in milliseconds since 1970. */
  readonly local: number;
}

export interface StatusCalls {
  services(options?: CallOptions): Promise<readonly TalosService[]>;
  version(options?: CallOptions): Promise<TalosVersion>;
  /** A new admin kubeconfig, made on the machine. */
  kubeconfig(options?: CallOptions): Promise<string>;
  /** Compares the machine's clock with its own time server, or with a given one. */
  time(server?: string, options?: CallOptions): Promise<TalosTime>;
}

export function statusCalls(channel: GrpcChannel): StatusCalls {
  const { at } = channel;
  const machine = MachineService.method;
  return {
    async services(options) {
      const { messages } = await callUnary(channel, machine.serviceList, {}, options);
      return messages.flatMap(({ services }) =>
        services.map(({ id, state, health, events }) => ({
          id,
          state,
          ...(health === undefined || health.unknown ? {} : { isHealthy: health.healthy }),
          lastMessage: health?.lastMessage || (events?.events.at(-1)?.msg ?? ''),
        })),
      );
    },
    async version(options) {
      const { messages } = await callUnary(channel, machine.version, {}, options);
      const [message] = messages;
      if (message?.version === undefined) throw talosGarbled({ at, call: 'Version', reason: 'it names no version' });
      const { version, platform } = message;
      return { tag: version.tag, arch: version.arch, platform: platform?.name ?? '' };
    },
    async kubeconfig(options) {
      const pieces = await callServerStream(channel, machine.kubeconfig, {}, options);
      const kubeconfig = extractKubeconfig(Buffer.concat(pieces.map(({ bytes }) => bytes)));
      if (kubeconfig !== undefined) return kubeconfig;
      throw talosGarbled({ at, call: 'Kubeconfig', reason: 'no file is in its archive' });
    },
    async time(server, options) {
      const { messages } = await (server === undefined
        ? callUnary(channel, TimeService.method.time, {}, options)
        : callUnary(channel, TimeService.method.timeCheck, { server }, options));
      const [told] = messages;
      if (told?.localtime === undefined || told.remotetime === undefined) {
        throw talosGarbled({ at, call: 'Time', reason: 'it names no time' });
      }
      const ahead = nanoseconds(told.localtime) - nanoseconds(told.remotetime);
      return {
        server: told.server,
        ahead: millis(Number(ahead) / 1e6),
        local: Number(nanoseconds(told.localtime)) / 1e6,
      };
    },
  };
}

const nanoseconds = ({ seconds, nanos }: Timestamp): bigint => seconds * 1_000_000_000n + BigInt(nanos);
