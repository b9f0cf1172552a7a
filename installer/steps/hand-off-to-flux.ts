import { type KubeObject, nameOf, orderForApply, readiness, revisionOf } from '../../cluster/index.ts';
import { defineFault } from '../../core/fault.ts';
import { minutes } from '../../core/millis.ts';
import { blocked, done, type Plan, type Step, todo } from '../../core/step.ts';
import { reasonNotReady, type UseKube } from './check-kubernetes.ts';

const fluxStalled = defineFault<{ reason: string }>('installer/flux-stalled', {
  kind: 'operator',
  title: ({ reason }) => `Flux has given up: ${reason}`,
  state: () => 'The cluster runs and Flux is installed; what Flux was to install is not there.',
  remedy: () => 'Mend flux.source in the rack file or what is at that address, and run the same command again.',
});

const sourceChanged = defineFault<{ wanted: string; object: string }>('installer/flux-source-changed', {
  kind: 'operator',
  exitCode: 3,
  title: ({ wanted, object }) => `${object} in the cluster does not point at ${wanted} as the rack file says`,
  state: () => 'Flux was handed the cluster before, and goes on as it is; nothing was changed.',
  remedy: () => 'Change it where Flux gets it from, or put the old value back into flux.source of the rack file.',
});

export interface HandOff {
  readonly kube: UseKube;
  /** Flux's own manifest, arranged for this cluster. */
  readonly manifest: readonly KubeObject[];
  readonly objects: { readonly source: KubeObject; readonly kustomization: KubeObject };
  readonly after: readonly string[];
}

/** Flux in the cluster, pointed at its source, and seen to have applied a revision of it. */
export function handOffToFlux({ kube, manifest, objects, after }: HandOff): Plan {
  const { first, rest } = orderForApply(manifest);
  return [
    applyObjects({ id: 'flux/definitions', title: 'Define what Flux knows', objects: first, kube, after }),
    applyObjects({
      id: 'flux/controllers',
      title: 'Run the controllers of Flux',
      objects: rest,
      kube,
      after: ['flux/definitions'],
    }),
    pointFlux(objects, kube),
  ];
}

/**
 * Flux follows its source and has applied a revision of it. Until that was seen once, every run points it anew, so that a
 * corrected address counts; afterwards where it points is not ours to change.
 */
function pointFlux({ source, kustomization }: HandOff['objects'], kube: UseKube): Step {
  let isApplied = false;
  return {
    id: 'flux/hand-off',
    title: `Flux follows ${urlOf(source)}`,
    after: ['flux/controllers'],
    timeout: minutes(15),
    check: (past, signal) =>
      kube(async (client) => {
        if (!past.confirmed && !isApplied) return todo('to be pointed there');
        const revisions: (string | undefined)[] = [];
        for (const wanted of [source, kustomization]) {
          const { name, namespace } = wanted.metadata;
          const object = await client.get(wanted.apiVersion, wanted.kind, name, namespace, signal);
          if (object === undefined) return blocked(`${nameOf(wanted)} is not there`);
          if (!covers(object['spec'], wanted['spec'])) {
            throw sourceChanged({ wanted: urlOf(source), object: nameOf(object) });
          }
          const is = readiness(object);
          if (is.kind === 'stalled') throw fluxStalled({ reason: is.reason });
          if (is.kind === 'waiting') return blocked(is.reason);
          revisions.push(revisionOf(object));
        }
        // Ready may still be said of the revision before this one, or of the source before this one.
        const [fetched, applied] = revisions;
        if (fetched === undefined || fetched !== applied) {
          return blocked(`${nameOf(kustomization)}: ${fetched ?? 'a revision'} of its source is not applied yet`);
        }
        return done;
      }),
    apply: (signal) =>
      kube(async (client) => {
        for (const object of [source, kustomization]) await client.apply(object, signal);
        isApplied = true;
      }),
  };
}

const urlOf = (source: KubeObject) => String((source['spec'] as { url?: string }).url);

/** Whether everything wished stands in what is there; more may. */
function covers(there: unknown, wished: unknown): boolean {
  if (typeof wished !== 'object' || wished === null) return there === wished;
  if (typeof there !== 'object' || there === null) return false;
  return Object.entries(wished).every(([key, value]) => covers((there as Record<string, unknown>)[key], value));
}

/**
 * Objects that are there and do what they should. Until that was confirmed once, every run applies them whole, which is
 * idempotent; from then on they belong to Flux and the operator, and are only read.
 */
function applyObjects(step: {
  id: string;
  title: string;
  objects: readonly KubeObject[];
  kube: UseKube;
  after: readonly string[];
}): Step {
  const { id, title, objects, kube, after } = step;
  let isApplied = false;
  return {
    id,
    title,
    after,
    timeout: minutes(15),
    check: (past, signal) =>
      kube(async (client) => {
        if (!past.confirmed && !isApplied) return todo('to be applied');
        for (const wanted of objects) {
          const { name, namespace } = wanted.metadata;
          const object = await client.get(wanted.apiVersion, wanted.kind, name, namespace, signal);
          if (object === undefined) return blocked(`${nameOf(wanted)} is not there`);
          const reason = reasonNotReady(object);
          if (reason !== undefined) return blocked(reason);
        }
        return done;
      }),
    apply: (signal) =>
      kube(async (client) => {
        for (const object of objects) await client.apply(object, signal);
        isApplied = true;
      }),
  };
}
