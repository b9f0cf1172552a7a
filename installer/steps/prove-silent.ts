import { internalAddresses, type KubeClient, type KubeObject } from '../../cluster/index.ts';
import { defineFault, faultFrom } from '../../core/fault.ts';
import { type Millis, minutes, seconds } from '../../core/millis.ts';
import type { Clock } from '../../core/ports.ts';
import type { MachineSpec } from '../../core/rack-spec.ts';
import { blocked, done, type Step } from '../../core/step.ts';
import type { Look } from '../find-machine.ts';
import { isMeant } from '../resolve-machines.ts';
import type { UseKube } from './check-kubernetes.ts';

const notSilent = defineFault<{ name: string; why: string }>('installer/not-silent', {
  kind: 'operator',
  exitCode: 3,
  title: ({ name, why }) => `${name} is not dead: ${why}`,
  state: () => 'Nothing was changed.',
  remedy: ({ name }) =>
    `Run rackwright reset without --dead for ${name}: it leaves by itself and its disk is wiped. If it is to be taken for dead, switch it off first.`,
});

/** A reboot, or a switch that starts anew, is over by then; Kubernetes misses a node after 40 to 50 s. */
const silentSpan: Millis = seconds(60);
/** For how long it is waited for that Kubernetes misses it, and that nobody else answers at its address. */
const patience: Millis = minutes(3);

export interface ProveSilent {
  readonly entry: MachineSpec;
  /** Where it may answer. */
  readonly addresses: () => readonly string[];
  readonly look: Look;
  readonly kube: UseKube;
  readonly clock: Pick<Clock, 'monotonic'>;
}

/**
 * A machine answers nobody: its Talos at none of its addresses for a minute, and its kubelet not to Kubernetes. Only reads.
 * Silence proves no death, so this is what a person is asked on top of, never instead.
 */
export function proveSilent({ entry, addresses, look, kube, clock }: ProveSilent): Step {
  const { name } = entry;
  let silentSince: Millis | undefined;
  let doubtfulSince: Millis | undefined;
  const hears = async (signal: AbortSignal): Promise<string | undefined> => {
    for (const address of addresses()) {
      const answer = await look(address, signal).catch((thrown: unknown) => faultFrom(thrown));
      if ('mode' in answer) {
        const macs = answer.links.filter(({ isPhysical }) => isPhysical).map(({ mac }) => mac);
        const { uuid } = answer;
        if (!isMeant(entry, { macs, ...(uuid === undefined ? {} : { uuid }) })) continue;
        throw notSilent({ name, why: `its Talos answers at ${address} and is ${answer.stage}` });
      }
      if (answer.kind === 'bug') throw answer;
      if (answer.code !== 'talos/unreachable') return answer.message;
    }
    return kube(async (client) => {
      const node = await nodeOf(name, addresses(), client, signal);
      const conditions = (node?.['status'] as NodeStatus | undefined)?.conditions ?? [];
      const ready = conditions.find(({ type }) => type === 'Ready');
      // False is the kubelet's own word, too; Unknown is what Kubernetes says when it hears nothing.
      return ready === undefined || ready.status === 'Unknown' ? undefined : stillReports(name, node);
    });
  };
  return {
    id: `silent/${name}`,
    title: `${name} answers nobody`,
    machine: name,
    after: [],
    timeout: minutes(10),
    async check(_past, signal) {
      const why = await hears(signal);
      const now = clock.monotonic();
      if (why !== undefined) {
        silentSince = undefined;
        doubtfulSince ??= now;
        if (now - doubtfulSince >= patience) throw notSilent({ name, why });
        return blocked(why);
      }
      doubtfulSince = undefined;
      silentSince ??= now;
      return now - silentSince >= silentSpan ? done : blocked('is silent; it is listened to for a minute');
    },
  };
}

/** A kubelet may have another name than its machine: the node of that name, or else one with an address of the machine. */
async function nodeOf(name: string, addresses: readonly string[], client: KubeClient, signal: AbortSignal) {
  const node = await client.get('v1', 'Node', name, undefined, signal);
  if (node !== undefined) return node;
  const nodes = await client.list('v1', 'Node', undefined, signal);
  return nodes.find((one) => internalAddresses(one).some((address) => addresses.includes(address)));
}

const stillReports = (name: string, node: KubeObject | undefined): string =>
  `its kubelet still reports to Kubernetes${node === undefined || node.metadata.name === name ? '' : ` as the node ${node.metadata.name}`}`;

interface NodeStatus {
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
}
