import { type FluxContainer, type FluxDeployment, fluxManifestUnusable } from './flux-deployment.ts';

/** What a controller listens for. Each has one flag in all controllers of Flux 2. */
export type PortRole = 'storage' | 'events' | 'receiver' | 'metrics' | 'health';

/**
 * `open` roles are reached from other machines: Prometheus and git forges. The others had a NetworkPolicy before them
 * that no longer holds on the host network, and their only clients are the kubelet and containers of the same pod:
 * they listen on loopback.
 */
export const portRoles: Readonly<Record<PortRole, { flag: string; open: boolean }>> = {
  storage: { flag: '--storage-addr', open: false },
  events: { flag: '--events-addr', open: false },
  receiver: { flag: '--receiverAddr', open: true },
  metrics: { flag: '--metrics-addr', open: true },
  health: { flag: '--health-addr', open: false },
};

export interface HostPort {
  /** Name and number in the release, by which probes and Services know it. */
  readonly original: { readonly name: string | undefined; readonly number: number };
  /** Absent for a port whose flag nobody knows: it keeps its number. */
  readonly role?: PortRole;
  readonly name: string;
  readonly number: number;
}

/** Host ports by controller and container, in the order of the release. */
export type PortPlan = ReadonlyMap<FluxContainer, readonly HostPort[]>;

/** Numbers that are seen to be free beside Talos, Cilium, Kube-OVN, LINSTOR and node exporters. */
const knownPorts: Readonly<Record<string, Partial<Record<PortRole, number>>>> = {
  'source-controller': { storage: 9790, metrics: 9791, health: 9792 },
  'kustomize-controller': { metrics: 9793, health: 9794 },
  'helm-controller': { metrics: 9795, health: 9796 },
  'notification-controller': { events: 9690, receiver: 9797, metrics: 9798, health: 9799 },
  'source-watcher': { storage: 9691, metrics: 9692, health: 9693 },
};
const firstSpare = 9694;
const lastSpare = 9789;

/**
 * Gives every port of every controller a number of its own on the host, the same for the same release. Fault
 * `flux/manifest-unusable` when a port with no known flag is taken.
 */
export function planPorts(deployments: readonly FluxDeployment[]): PortPlan {
  const taken = new Set(Object.values(knownPorts).flatMap((ports) => Object.values(ports)));
  let spare = firstSpare;
  const nextSpare = (): number => {
    while (taken.has(spare)) spare += 1;
    if (spare > lastSpare) throw fluxManifestUnusable({ why: 'it has more ports than there are spare host ports' });
    taken.add(spare);
    return spare;
  };

  const plan = new Map<FluxContainer, HostPort[]>();
  for (const { metadata, spec } of deployments) {
    for (const container of spec.template.spec.containers) {
      const ports = (container.ports ?? []).map(({ name, containerPort }): HostPort => {
        const original = { name, number: containerPort };
        const role = roleOf(metadata.name, container, name);
        if (role !== undefined) {
          const number = knownPorts[metadata.name]?.[role] ?? nextSpare();
          return { original, role, name: `${role}-${number}`, number };
        }
        if (taken.has(containerPort)) {
          throw fluxManifestUnusable({ why: `${metadata.name} listens on ${containerPort}, which another one has` });
        }
        taken.add(containerPort);
        return { original, name: `port-${containerPort}`, number: containerPort };
      });
      plan.set(container, ports);
    }
  }
  return plan;
}

function roleOf(controller: string, container: FluxContainer, name: string | undefined): PortRole | undefined {
  if (name === 'http-prom') return 'metrics';
  if (name === 'healthz') return 'health';
  if (name === 'http-webhook') return 'receiver';
  if (name !== 'http') return undefined;
  if (container.args?.some((arg) => arg.startsWith('--storage-')) === true) return 'storage';
  return controller === 'notification-controller' ? 'events' : undefined;
}
