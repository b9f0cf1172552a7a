import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { arrangeFlux } from './arrange-flux.ts';
import { dig, digList, digText, type KubeObject } from './kube-object.ts';
import { parseManifests } from './parse-manifests.ts';

const file = new URL('../test/lab/flux-install.yaml', import.meta.url);
const release = parseManifests(readFileSync(file, 'utf8'), 'flux-install.yaml');

const none = (objects: readonly KubeObject[] = release) =>
  arrangeFlux(objects, { cni: 'none', dnsDomain: 'rack.local' });
const ofKind = (objects: readonly KubeObject[], kind: string) => objects.filter((object) => object.kind === kind);
const podOf = (objects: readonly KubeObject[]) => dig(ofKind(objects, 'Deployment')[0], 'spec', 'template', 'spec');
const containersOf = (objects: readonly KubeObject[]) => digList(podOf(objects), 'containers');
const containerOf = (name: string, objects = none()) => containersOf(objects).find((one) => dig(one, 'name') === name);
const argsOf = (name: string) => digList(containerOf(name), 'args');
const envOf = (name: string): Record<string, unknown> =>
  Object.fromEntries(digList(containerOf(name), 'env').map((one) => [String(dig(one, 'name')), dig(one, 'value')]));

/** A controller that this project does not know. */
const stranger = (ports: readonly object[]): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'odd-controller', namespace: 'flux-system' },
  spec: {
    template: {
      metadata: { labels: { app: 'odd-controller' } },
      spec: {
        serviceAccountName: 'odd-controller',
        containers: [
          {
            name: 'manager',
            image: 'x/odd:v1',
            args: ['--odd'],
            ports,
            volumeMounts: [{ name: 'temp', mountPath: '/tmp' }],
          },
          { name: 'helper', image: 'x/helper:v1' },
        ],
        volumes: [{ name: 'temp', emptyDir: {} }],
      },
    },
  },
});

describe('arrangeFlux with a pod network', () => {
  it('changes nothing but the DNS domain of arguments', () => {
    const same = arrangeFlux(release, { cni: 'flannel', dnsDomain: 'cluster.local' });
    expect(same).toEqual(release);
    const other = arrangeFlux(release, { cni: 'flannel', dnsDomain: 'rack.local' });
    expect(JSON.stringify(other)).toBe(JSON.stringify(release).replaceAll('svc.cluster.local', 'svc.rack.local'));
  });
});

describe('arrangeFlux without a pod network', () => {
  it('puts every controller into one pod on the host network that Recreate replaces', () => {
    const deployments = ofKind(none(), 'Deployment');
    expect(deployments.map((one) => one.metadata.name)).toEqual(['flux']);
    expect(deployments[0]?.['spec']).toMatchObject({
      replicas: 1,
      strategy: { type: 'Recreate' },
      template: { spec: { hostNetwork: true, dnsPolicy: 'Default', priorityClassName: 'system-cluster-critical' } },
    });
    expect(containersOf(none()).map((one) => dig(one, 'name'))).toEqual([
      ...['source-controller', 'kustomize-controller', 'helm-controller', 'notification-controller'],
    ]);
  });

  it('selects its own pods', () => {
    const [deployment] = ofKind(none(), 'Deployment');
    expect(dig(deployment, 'spec', 'template', 'metadata', 'labels')).toMatchObject(
      dig(deployment, 'spec', 'selector', 'matchLabels') as object,
    );
  });

  it('lets the pod onto a node that has no network, and off a node that is dead', () => {
    const tolerations = digList(podOf(none()), 'tolerations');
    for (const key of ['not-ready', 'node.cilium.io/agent-not-ready', 'uninitialized', 'control-plane']) {
      const found = tolerations.find((one) => digText(one, 'key')?.endsWith(key) === true);
      expect(found, key).toMatchObject({ operator: 'Exists' });
      expect(found, key).not.toHaveProperty('tolerationSeconds');
    }
    expect(tolerations.find((one) => digText(one, 'key')?.endsWith('unreachable') === true)).toMatchObject({
      effect: 'NoExecute',
      tolerationSeconds: 300,
    });
  });

  it('lets its namespace have pods on the host network, and pods of its priority', () => {
    const namespace = ofKind(none(), 'Namespace')[0];
    expect(namespace?.metadata.labels).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'privileged',
      'pod-security.kubernetes.io/warn': 'privileged',
      'app.kubernetes.io/part-of': 'flux',
    });
    expect(ofKind(none(), 'ResourceQuota')).toHaveLength(1);
    const without = release.filter((object) => object.kind !== 'ResourceQuota');
    expect(JSON.stringify(ofKind(none(without), 'ResourceQuota'))).toContain('system-cluster-critical');
  });

  it('gives no host port twice, neither in ports nor in arguments', () => {
    const extra = stranger([
      { name: 'http-prom', containerPort: 8080 },
      { name: 'healthz', containerPort: 9440 },
      { name: 'odd', containerPort: 7000 },
    ]);
    const ports = containersOf(none([...release, extra])).flatMap((one) => digList(one, 'ports'));
    const numbers = ports.map((one) => dig(one, 'containerPort'));
    expect(numbers).toHaveLength(3 + 2 + 2 + 4 + 3);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(numbers).toContain(7000);
    for (const port of ports) {
      expect(dig(port, 'hostPort')).toBe(dig(port, 'containerPort'));
      expect(digText(port, 'name')?.length).toBeLessThanOrEqual(15);
    }
  });

  it('tells each controller its ports, those without a guard on loopback only', () => {
    expect(argsOf('source-controller')).toEqual(
      expect.arrayContaining(['--storage-addr=127.0.0.1:9790', '--metrics-addr=:9791', '--health-addr=127.0.0.1:9792']),
    );
    expect(argsOf('notification-controller')).toEqual(
      expect.arrayContaining(['--events-addr=127.0.0.1:9690', '--receiverAddr=:9797']),
    );
    expect(argsOf('kustomize-controller')).toContain('--health-addr=127.0.0.1:9794');
  });

  it('says each flag once and keeps the arguments of the release', () => {
    for (const name of ['source-controller', 'kustomize-controller', 'helm-controller', 'notification-controller']) {
      const flags = argsOf(name).map((arg) => String(arg).split('=')[0]);
      expect(new Set(flags).size).toBe(flags.length);
      expect(flags).toContain('--enable-leader-election');
    }
    expect(argsOf('source-controller')).toContain(
      '--storage-adv-addr=source-controller.$(RUNTIME_NAMESPACE).svc.rack.local.',
    );
  });

  it('sends events within the pod, or nowhere when nobody listens', () => {
    expect(argsOf('helm-controller')).toContain('--events-addr=http://127.0.0.1:9690/');
    const quiet = none(release.filter((object) => object.metadata.name !== 'notification-controller'));
    expect(JSON.stringify(containerOf('helm-controller', quiet))).not.toContain('--events-addr');
  });

  it('lets the controllers reach the API through KubePrism and artifacts through loopback', () => {
    expect(envOf('kustomize-controller')).toMatchObject({
      KUBERNETES_SERVICE_HOST: 'localhost',
      KUBERNETES_SERVICE_PORT: '7445',
      SOURCE_CONTROLLER_LOCALHOST: '127.0.0.1:9790',
    });
    expect(envOf('kustomize-controller')).not.toHaveProperty('SOURCE_WATCHER_LOCALHOST');
  });

  it('reads the memory limit of the container by its new name', () => {
    const limit = digList(containerOf('helm-controller'), 'env').find((one) => dig(one, 'name') === 'GOMEMLIMIT');
    expect(dig(limit, 'valueFrom', 'resourceFieldRef', 'containerName')).toBe('helm-controller');
  });

  it('lets the kubelet probe where the controller listens', () => {
    expect(dig(containerOf('source-controller'), 'readinessProbe', 'httpGet')).toEqual({
      path: '/',
      port: 9790,
      host: '127.0.0.1',
    });
    expect(dig(containerOf('helm-controller'), 'livenessProbe', 'httpGet')).toMatchObject({
      path: '/healthz',
      port: 9796,
    });
  });

  it('mounts only volumes that there are, each with a name of its own', () => {
    const volumes = digList(podOf(none()), 'volumes').map((one) => dig(one, 'name'));
    expect(new Set(volumes).size).toBe(volumes.length);
    for (const mount of containersOf(none()).flatMap((one) => digList(one, 'volumeMounts'))) {
      expect(volumes).toContain(dig(mount, 'name'));
    }
  });

  it('has one account in the place of all, in every binding', () => {
    expect(ofKind(none(), 'ServiceAccount').map((one) => one.metadata.name)).toEqual(['flux']);
    expect(dig(podOf(none()), 'serviceAccountName')).toBe('flux');
    const bindings = ofKind(none(), 'ClusterRoleBinding');
    expect(bindings).toHaveLength(2);
    for (const binding of bindings) {
      expect(binding['subjects']).toEqual([{ kind: 'ServiceAccount', name: 'flux', namespace: 'flux-system' }]);
    }
  });

  it('leaves accounts alone that are not of a controller', () => {
    const account: KubeObject = {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'x', namespace: 'flux-system' },
    };
    const binding: KubeObject = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'x' },
      subjects: [{ kind: 'ServiceAccount', name: 'x', namespace: 'flux-system' }],
    };
    expect(none([...release, account, binding])).toEqual(expect.arrayContaining([account, binding]));
  });

  it('leads the webhook Service to the pod and leaves out Services of what is on loopback', () => {
    const services = ofKind(none(), 'Service');
    expect(services.map((one) => one.metadata.name)).toEqual(['webhook-receiver']);
    expect(services[0]?.['spec']).toMatchObject({ selector: { app: 'flux' }, ports: [{ port: 80, targetPort: 9797 }] });
  });

  it('takes in controllers that it does not know, with all their containers', () => {
    const objects = none([...release, stranger([{ name: 'healthz', containerPort: 9440 }])]);
    expect(containerOf('odd-controller', objects)).toMatchObject({
      image: 'x/odd:v1',
      args: ['--odd', '--health-addr=127.0.0.1:9694'],
      volumeMounts: [{ name: 'odd-controller-temp', mountPath: '/tmp' }],
    });
    expect(containerOf('odd-controller-helper', objects)).toMatchObject({ image: 'x/helper:v1' });
  });

  it('keeps definitions and everything else as it is', () => {
    const untouched = ['CustomResourceDefinition', 'ClusterRole', 'NetworkPolicy', 'ResourceQuota'];
    for (const kind of untouched) expect(ofKind(none(), kind)).toEqual(ofKind(release, kind));
  });

  it('refuses a manifest without controllers and one whose ports collide', () => {
    expect(() => none(release.filter((object) => object.kind !== 'Deployment'))).toThrow('no Deployment');
    expect(() => none([...release, stranger([{ name: 'odd', containerPort: 9790 }])])).toThrow('9790');
  });

  it('refuses a Deployment that is not one, and names it', () => {
    const broken: KubeObject = { ...stranger([]), spec: { template: { spec: { containers: 'x' } } } };
    expect(() => none([...release, broken])).toThrow(/odd-controller.*spec\.template\.spec\.containers/);
  });
});
