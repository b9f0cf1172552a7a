import type { FluxContainer, FluxDeployment, FluxProbe } from './flux-deployment.ts';
import { type HostPort, type PortPlan, type PortRole, portRoles } from './flux-ports.ts';

const loopback = '127.0.0.1';

/** Talos serves the Kubernetes API on every node here, without Services and without a pod network (KubePrism). */
const kubePrism = { KUBERNETES_SERVICE_HOST: 'localhost', KUBERNETES_SERVICE_PORT: '7445' };

/** A Kustomization that waits holds a worker until it is ready or out of time: the default of 2 or 4 lanes is a queue. */
const lanes = ['--concurrent=10', '--requeue-dependency=5s'];
const withLanes = ['source-controller', 'kustomize-controller', 'helm-controller'];

/** Where in the pod a controller listens; `undefined` when the release has no such controller, or it has no such port. */
type Directory = (controller: string, role: PortRole) => number | undefined;

export function directoryOf(deployments: readonly FluxDeployment[], plan: PortPlan): Directory {
  return (controller, role) =>
    deployments
      .find(({ metadata }) => metadata.name === controller)
      ?.spec.template.spec.containers.flatMap((one) => plan.get(one) ?? [])
      .find((port) => port.role === role)?.number;
}

/** A container of a controller as one of many in a pod on the host network. */
export function hostContainer(
  container: FluxContainer,
  controller: string,
  own: readonly HostPort[],
  portOf: Directory,
): FluxContainer {
  const name = container.name === 'manager' ? controller : `${controller}-${container.name}`;
  const probed = (probe: FluxProbe | undefined) => (probe === undefined ? undefined : onHost(probe, own));
  return dropUndefined({
    ...container,
    name,
    args: argsOf(container, controller, own, portOf),
    env: envOf(container, name, portOf),
    ports: own.map((port) => ({ name: port.name, containerPort: port.number, hostPort: port.number, protocol: 'TCP' })),
    livenessProbe: probed(container.livenessProbe),
    readinessProbe: probed(container.readinessProbe),
    startupProbe: probed(container.startupProbe),
    volumeMounts: container.volumeMounts?.map((mount) => ({ ...mount, name: `${controller}-${mount.name}` })),
  });
}

function argsOf(
  { args = [] }: FluxContainer,
  controller: string,
  own: readonly HostPort[],
  portOf: Directory,
): string[] {
  const { flag: eventsFlag } = portRoles.events;
  const eventsAt = portOf('notification-controller', 'events');
  const isSender = args.some((arg) => flagOf(arg) === eventsFlag) && !own.some(({ role }) => role === 'events');
  const ours = [
    ...own.flatMap(({ role, number }) =>
      role === undefined ? [] : [`${portRoles[role].flag}=${portRoles[role].open ? '' : loopback}:${number}`],
    ),
    ...(isSender && eventsAt !== undefined ? [`${eventsFlag}=http://${loopback}:${eventsAt}/`] : []),
    ...(withLanes.includes(controller) ? lanes : []),
  ];
  const flags = [...ours.map(flagOf), eventsFlag];
  return [...args.filter((arg) => !flags.includes(flagOf(arg))), ...ours];
}

const flagOf = (arg: string) => arg.replace(/=.*$/s, '');

function envOf(container: FluxContainer, name: string, portOf: Directory) {
  const storageAt = (controller: string) => {
    const port = portOf(controller, 'storage');
    return port === undefined ? undefined : `${loopback}:${port}`;
  };
  const ours = dropUndefined({
    ...kubePrism,
    // Artifact URLs name a Service; with these two the controllers that fetch them put this host in its place.
    SOURCE_CONTROLLER_LOCALHOST: storageAt('source-controller'),
    SOURCE_WATCHER_LOCALHOST: storageAt('source-watcher'),
  });
  const theirs = (container.env ?? []).filter((variable) => !(variable.name in ours));
  return [
    ...theirs.map((variable) => renamedIn(variable, name)),
    ...Object.entries(ours).map(([key, value]) => ({ name: key, value })),
  ];
}

/** GOMEMLIMIT is read from the limit of a container by its name. */
function renamedIn(variable: NonNullable<FluxContainer['env']>[number], name: string): typeof variable {
  const reference = variable.valueFrom?.resourceFieldRef;
  if (reference?.containerName === undefined) return variable;
  return { ...variable, valueFrom: { ...variable.valueFrom, resourceFieldRef: { ...reference, containerName: name } } };
}

/** A probe names its port as the release does; on loopback it must be told where, or the kubelet asks the node's address. */
function onHost(probe: FluxProbe, ports: readonly HostPort[]): FluxProbe {
  const { httpGet } = probe;
  const port = ports.find(({ original }) => original.name === httpGet?.port || original.number === httpGet?.port);
  if (httpGet === undefined || port === undefined) return probe;
  const isOpen = port.role === undefined || portRoles[port.role].open;
  return { ...probe, httpGet: { ...httpGet, port: port.number, ...(isOpen ? {} : { host: loopback }) } };
}

function dropUndefined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as never;
}
