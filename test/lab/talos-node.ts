import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { Code } from '../../talos/gen/common/common_pb.ts';
import {
  MachineStatusEvent_MachineStage as MachineStage,
  MachineStatusEventSchema,
  SequenceEvent_Action as SequenceAction,
  SequenceEventSchema,
  ServiceStateEvent_Action as ServiceAction,
  ServiceStateEventSchema,
} from '../../talos/gen/machine/event_pb.ts';
import { LineLog } from './line-log.ts';
import type { NodeConfig } from './node-config.ts';
import { NodeEvents } from './node-events.ts';
import { resourcesOf } from './node-resources.ts';
import { pace } from './pace.ts';
import type { PowerAction } from './power-action.ts';
import { ResourceTable } from './resource-table.ts';
import type { SimDisk } from './sim-disk.ts';
import type { NodeFacts, NodeView, ServiceState, Stage, TalosHost } from './talos-host.ts';

/** One boot of Talos: what it knows and shows from the start of the kernel to the next reboot. */
export class TalosNode implements NodeView {
  readonly host: TalosHost;
  readonly version: string;
  readonly resources: ResourceTable;
  readonly services = new Map<string, ServiceState>();
  isConfigured = false;
  stage: Stage = 'booting';
  config: NodeConfig | undefined;
  cidrs: readonly string[] = [];
  unmet: NodeFacts['unmet'] = [];
  etcdMemberId: bigint | undefined;
  /** New with each boot. */
  readonly bootId: string;
  readonly events: NodeEvents;
  readonly kernelLog = new LineLog();
  readonly logs = new Map<string, LineLog>();
  /** References by containerd instance. */
  readonly images = new Map<string, string>();
  /** In maintenance mode a config may be given in a way that leaves no trace on the disk. */
  isOnTrial = false;
  /** A config was taken that waits for the reboot. */
  isRebootDue = false;
  /** What it does twice a day, and whenever its address changes or its clock jumps. */
  renewCertificate: () => Promise<void> = () => Promise.resolve();
  readonly #accepted = Promise.withResolvers<NodeConfig>();
  readonly #action = Promise.withResolvers<PowerAction>();
  #isHeld = false;
  #told = '';

  constructor(host: TalosHost, version: string) {
    this.host = host;
    this.version = version;
    this.resources = new ResourceTable(host.clock);
    this.events = new NodeEvents(host);
    this.bootId = this.events.newActor();
    this.say(`Linux version (simulated), Talos ${version}`);
    this.change({});
  }

  get hostname(): string {
    return this.config?.hostname ?? `talos-${this.host.machine.mac.slice(9).replaceAll(':', '')}`;
  }

  /** Its first address, without the prefix length. */
  get address(): string {
    return this.cidrs[0]?.split('/')[0] ?? this.host.machine.leasedAddress;
  }

  get systemDisk(): SimDisk | undefined {
    return this.host.disks.find((disk) => disk.install !== undefined);
  }

  /** Resolves when a config was given to it in maintenance mode. */
  get accepted(): Promise<NodeConfig> {
    return this.#accepted.promise;
  }

  /** Resolves when something that takes the node down was asked for and taken on. */
  get action(): Promise<PowerAction> {
    return this.#action.promise;
  }

  accept(config: NodeConfig): void {
    this.#accepted.resolve(config);
  }

  /**
   * Takes the action on. When another one holds the node only an event says that this one will not run; a reboot, reset
   * or upgrade takes over from a boot that is not complete.
   */
  act(action: PowerAction): void {
    if (!this.#isHeld && (this.stage !== 'booting' || action.sequence !== 'shutdown')) {
      this.#isHeld = true;
      this.#action.resolve(action);
      return;
    }
    const { sequence, actorId } = action;
    const error = { code: Code.LOCKED, message: 'locked' };
    void this.host.clock
      .sleep(pace.lockWait)
      .then(() => this.events.publish(SequenceEventSchema, { sequence, action: SequenceAction.NOOP, error }, actorId));
  }

  /** A line of the kernel log, where Talos writes too. */
  say(text: string): void {
    this.kernelLog.write(`user: warning: [${this.host.clock.now().toISOString()}]: [talos] ${text}`);
  }

  /** Every change of what the node is goes through here, so that those who watch see it. */
  change(facts: Partial<NodeFacts>): void {
    Object.assign(this, facts);
    this.resources.show(resourcesOf(this));
    const { stage, unmet } = this;
    const now = JSON.stringify([stage, unmet]);
    if (now === this.#told) return;
    this.#told = now;
    this.events.publish(MachineStatusEventSchema, {
      stage: MachineStage[stage.toUpperCase().replace(' ', '_') as keyof typeof MachineStage],
      status: { ready: unmet.length === 0, unmetConditions: unmet.map((condition) => ({ ...condition })) },
    });
    this.say(`machine is ${stage}${unmet.map(({ reason }) => `, ${reason}`).join('')}`);
  }

  setService(id: string, state: string, message: string, healthy?: boolean): void {
    const since = this.host.clock.now();
    this.services.set(id, { id, state, message, healthy, since });
    this.logOf(id).write(`${since.toISOString()} ${state}: ${message}`);
    this.say(`service[${id}](${state}): ${message}`);
    this.events.publish(ServiceStateEventSchema, {
      service: id,
      action: ServiceAction[state.toUpperCase() as keyof typeof ServiceAction],
      message,
      health: {
        unknown: healthy === undefined,
        healthy: healthy === true,
        lastMessage: '',
        lastChange: timestampFromDate(since),
      },
    });
    this.change({});
  }

  logOf(service: string): LineLog {
    const log = this.logs.get(service) ?? new LineLog();
    this.logs.set(service, log);
    return log;
  }
}
