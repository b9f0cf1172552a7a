import type { NodeConfig } from './node-config.ts';
import { resourcesOf } from './node-resources.ts';
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
  readonly #accepted = Promise.withResolvers<NodeConfig>();
  readonly #reboot = new AbortController();

  constructor(host: TalosHost, version: string) {
    this.host = host;
    this.version = version;
    this.resources = new ResourceTable(host.clock);
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

  get rebootRequested(): AbortSignal {
    return this.#reboot.signal;
  }

  accept(config: NodeConfig): void {
    this.#accepted.resolve(config);
  }

  requestReboot(): void {
    this.#reboot.abort();
  }

  /** Every change of what the node is goes through here, so that those who watch see it. */
  change(facts: Partial<NodeFacts>): void {
    Object.assign(this, facts);
    this.resources.show(resourcesOf(this));
  }

  setService(id: string, state: string, message: string, healthy?: boolean): void {
    this.services.set(id, { id, state, message, healthy, since: this.host.clock.now() });
    this.change({});
  }
}
