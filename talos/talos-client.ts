import { Fault } from '../core/fault.ts';
import { type CosiResource, decodeResource, type ResourceKind } from './cosi-resource.ts';
import { State } from './gen/cosi/resource/state_pb.ts';
import { MachineService, ApplyConfigurationRequest_Mode as Mode } from './gen/machine/machine_pb.ts';
import { type CallOptions, callServerStream, callUnary } from './grpc-call.ts';
import { extractKubeconfig } from './kubeconfig-archive.ts';
import { openChannel, type TalosTarget } from './open-channel.ts';
import { redactorFor } from './redact-config.ts';
import { talosFailed, talosGarbled } from './talos-faults.ts';

/** When a config takes effect, in Talos' words. TRY is left out: in maintenance mode it installs and then forgets. */
export type ApplyMode = Exclude<keyof typeof Mode, 'TRY'>;

export interface ApplyResult {
  /** The mode that Talos used: in maintenance mode REBOOT and AUTO become NO_REBOOT. */
  readonly mode: string;
  readonly warnings: readonly string[];
}

export interface EtcdMember {
  /** All 64 bits are used. */
  readonly id: bigint;
  readonly hostname: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
  /** Receives the data but has no vote yet. */
  readonly isLearner: boolean;
}

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

/**
 * One machine's Talos API. Every method rejects with a fault of talos-faults.ts, at the latest at its deadline
 * (10 s when left out), and only an `environment` fault is worth another try.
 */
export interface TalosClient {
  /** `undefined` when there is no such resource. */
  cosiGet(resource: ResourceKind & { id: string }, options?: CallOptions): Promise<CosiResource | undefined>;
  cosiList(kind: ResourceKind, options?: CallOptions): Promise<readonly CosiResource[]>;
  /** Resolves when Talos accepted the config, which is long before it is in effect. */
  applyConfiguration(request: { config: string; mode: ApplyMode }, options?: CallOptions): Promise<ApplyResult>;
  /** Starts a new etcd cluster there. `talos/already-exists` when the machine has etcd data, of whatever cluster. */
  bootstrap(options?: CallOptions): Promise<void>;
  etcdMembers(options?: CallOptions): Promise<readonly EtcdMember[]>;
  services(options?: CallOptions): Promise<readonly TalosService[]>;
  version(options?: CallOptions): Promise<TalosVersion>;
  /** A new admin kubeconfig, made on the machine. */
  kubeconfig(options?: CallOptions): Promise<string>;
  close(): void;
}

/** A client of the machine's Talos API. Opens no connection before the first call. */
export function connectTalos(target: TalosTarget): TalosClient {
  const channel = openChannel(target);
  const { at } = channel;
  const machine = MachineService.method;
  const state = State.method;

  return {
    async cosiGet({ namespace, type, id }, options) {
      try {
        const { resource } = await callUnary(channel, state.get, { namespace, type, id }, options);
        return resource === undefined ? undefined : decodeResource(resource, { at, call: 'Get' });
      } catch (fault) {
        if (fault instanceof Fault && fault.code === 'talos/not-found') return undefined;
        throw fault;
      }
    },
    async cosiList({ namespace, type }, options) {
      const messages = await callServerStream(channel, state.list, { namespace, type }, options);
      return messages.flatMap(({ resource }) =>
        resource === undefined ? [] : [decodeResource(resource, { at, call: 'List' })],
      );
    },
    async applyConfiguration({ config, mode }, options = {}) {
      const { messages } = await callUnary(
        channel,
        machine.applyConfiguration,
        { data: Buffer.from(config, 'utf8'), mode: Mode[mode] },
        { ...options, redact: redactorFor(config) },
      );
      const used = Object.entries(Mode).find(([, number]) => number === messages[0]?.mode);
      return { mode: used?.[0] ?? mode, warnings: messages.flatMap(({ warnings }) => warnings) };
    },
    async bootstrap(options) {
      await callUnary(channel, machine.bootstrap, {}, options);
    },
    async etcdMembers(options) {
      const { messages } = await callUnary(channel, machine.etcdMemberList, {}, options);
      return messages.flatMap(({ members }) =>
        members.map(({ id, hostname, peerUrls, clientUrls, isLearner }) => ({
          id,
          hostname,
          peerUrls,
          clientUrls,
          isLearner,
        })),
      );
    },
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
      // Before 1.14 Talos may report an error inside the stream.
      const error = pieces.find(({ metadata }) => metadata?.error)?.metadata?.error;
      if (error) throw talosFailed({ at, call: 'Kubeconfig', reason: error });
      const kubeconfig = extractKubeconfig(Buffer.concat(pieces.map(({ bytes }) => bytes)));
      if (kubeconfig !== undefined) return kubeconfig;
      throw talosGarbled({ at, call: 'Kubeconfig', reason: 'no file is in its archive' });
    },
    close: () => channel.client.close(),
  };
}
