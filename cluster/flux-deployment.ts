import { z } from 'zod';
import { defineFault } from '../core/fault.ts';
import { type KubeObject, nameOf } from './kube-object.ts';

/** What of a controller's Deployment the arrangement touches; everything else passes through unread. */
const named = z.looseObject({ name: z.string() });
const probe = z.looseObject({
  httpGet: z.looseObject({ port: z.union([z.string(), z.int()]), host: z.string().optional() }).optional(),
});
const variable = z.looseObject({
  name: z.string(),
  valueFrom: z
    .looseObject({ resourceFieldRef: z.looseObject({ containerName: z.string().optional() }).optional() })
    .optional(),
});
const container = z.looseObject({
  name: z.string(),
  args: z.array(z.string()).optional(),
  env: z.array(variable).optional(),
  ports: z.array(z.looseObject({ name: z.string().optional(), containerPort: z.int() })).optional(),
  livenessProbe: probe.optional(),
  readinessProbe: probe.optional(),
  startupProbe: probe.optional(),
  volumeMounts: z.array(named).optional(),
});
const pod = z.looseObject({
  containers: z.array(container).min(1),
  initContainers: z.array(container).optional(),
  volumes: z.array(named).optional(),
  tolerations: z.array(z.looseObject({ key: z.string().optional() })).optional(),
  imagePullSecrets: z.array(named).optional(),
  nodeSelector: z.record(z.string(), z.string()).optional(),
  securityContext: z.looseObject({}).optional(),
  serviceAccountName: z.string().optional(),
  terminationGracePeriodSeconds: z.int().optional(),
});
const deployment = z.looseObject({
  apiVersion: z.string(),
  kind: z.literal('Deployment'),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string(),
    labels: z.record(z.string(), z.string()).optional(),
  }),
  spec: z.looseObject({
    template: z.looseObject({
      metadata: z.looseObject({ labels: z.record(z.string(), z.string()).optional() }).optional(),
      spec: pod,
    }),
  }),
});

export type FluxDeployment = z.output<typeof deployment>;
export type FluxContainer = z.output<typeof container>;
export type FluxProbe = z.output<typeof probe>;

export const fluxManifestUnusable = defineFault<{ why: string }>('flux/manifest-unusable', {
  kind: 'operator',
  exitCode: 4,
  title: ({ why }) => `The Flux manifest cannot be arranged for a cluster without a pod network: ${why}`,
  state: () => 'Nothing of it was applied.',
  remedy: () => 'Give the install.yaml of a Flux release, or set cluster.cni to flannel.',
});

/** The Deployment with its parts in reach. Fault `flux/manifest-unusable` names what it lacks. */
export function parseFluxDeployment(object: KubeObject): FluxDeployment {
  const parsed = deployment.safeParse(object);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw fluxManifestUnusable({ why: `${nameOf(object)}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}` });
}
