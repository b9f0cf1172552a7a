import type { TalosObservation } from '../../core/machine.ts';
import type { MachineSpec, RackSpec } from '../../core/rack-spec.ts';
import type { StaticPod, TalosService, Vitals } from '../../talos/index.ts';

/**
 * Conditions of Talos that are still to come true, in its words. Not among them: whether Kubernetes calls the node Ready,
 * which is asked of Kubernetes itself, so that a node without a pod network, or one that is cordoned, holds up nothing;
 * a way out of a network that has none; and, until Flux has brought the pod network, pods that need one.
 */
export function unmetOf({ unmetConditions }: TalosObservation, spec: RackSpec): readonly string[] {
  return unmetConditions.flatMap((condition) => {
    const [name = condition] = condition.split(':');
    if (name === 'nodeReady') return [];
    if (spec.network.gateway === undefined && /^network: waiting on: connectivity$/.test(condition)) return [];
    if (name !== 'staticPods' || hasPodNetwork(spec)) return [condition];
    const own = condition
      .slice('staticPods: '.length)
      .split(', ')
      .filter((problem) => isOfControlPlane(problem));
    return own.length === 0 ? [] : [`staticPods: ${own.join(', ')}`];
  });
}

/** What is wrong with what runs on a machine, in words; nothing when all is well. */
export function problemsOf(
  { services, staticPods, diagnostics }: Vitals,
  { role }: Pick<MachineSpec, 'role'>,
  spec: RackSpec,
): readonly string[] {
  return [
    ...serviceProblems(services, role),
    ...staticPods
      .filter(({ name }) => hasPodNetwork(spec) || isOfControlPlane(name))
      .flatMap(({ name, problem }: StaticPod) => (problem === undefined ? [] : [`${name} ${problem}`])),
    ...diagnostics,
  ];
}

/** Flux brings one later; then pods on the network of their host are all that can run. */
const hasPodNetwork = ({ cluster }: RackSpec): boolean => cluster.cni !== 'none';

/** The API server and its like, which run on the network of their host. */
const isOfControlPlane = (name: string): boolean => name.startsWith('kube-system/kube-');

const required = {
  controlplane: ['machined', 'apid', 'trustd', 'etcd', 'kubelet'],
  worker: ['machined', 'apid', 'kubelet'],
} as const;

/**
 * Services that every machine of the role needs have to run. Others, such as one of an extension, may wait for a config that
 * comes much later, and only count when they have failed or call themselves unhealthy.
 */
function serviceProblems(services: readonly TalosService[], role: MachineSpec['role']): string[] {
  const missing = required[role].filter((id) => !services.some((service) => service.id === id));
  return [
    ...missing.map((id) => `${id} is not started`),
    ...services.flatMap(({ id, state, isHealthy, lastMessage }) => {
      const says = lastMessage === '' ? '' : `: ${lastMessage}`;
      const isNeeded = required[role].some((one) => one === id);
      if (state === 'Failed' || (isNeeded && state !== 'Running')) return [`${id} is ${state}${says}`];
      return state === 'Running' && isHealthy === false ? [`${id} is not healthy${says}`] : [];
    }),
  ];
}
