import type { z } from 'zod';
import type { CallOptions } from './call-end.ts';
import { resourceKinds as kinds, type TypedKind } from './resource-kinds.ts';
import type { TalosClient, TalosService } from './talos-client.ts';
import { listPresent } from './typed-resources.ts';

export interface StaticPod {
  /** `kube-system/kube-apiserver`. */
  readonly name: string;
  /** Why it is not ready, in words; absent when it is. */
  readonly problem?: string;
}

/** What a configured machine says of what runs on it, beside its stage and conditions. */
export interface Vitals {
  readonly services: readonly TalosService[];
  /** Each that the machine is to run, whether its kubelet knows of it yet or not. */
  readonly staticPods: readonly StaticPod[];
  /** What Talos has found wrong by itself, such as two networks that overlap. */
  readonly diagnostics: readonly string[];
}

/** Reads them now, with our keys; what a Talos does not have is empty. Faults of talos-faults.ts. */
export async function readVitals(
  client: Pick<TalosClient, 'services' | 'cosiList'>,
  options: CallOptions = {},
): Promise<Vitals> {
  const list = async <Spec extends z.ZodType>(kind: TypedKind<Spec>) =>
    (await listPresent(client, kind, options)) ?? [];
  const [services, pods, statuses, diagnostics] = await Promise.all([
    client.services(options),
    list(kinds.staticPods),
    list(kinds.staticPodStatuses),
    list(kinds.diagnostics),
  ]);
  const names = pods.map(({ id, spec: { metadata } }) => `${metadata.namespace ?? 'default'}/${metadata.name ?? id}`);
  const statusOf = new Map(statuses.map(({ id, spec }) => [podOf(id, names), spec]));
  return {
    services,
    staticPods: names.map((name) => {
      const status = statusOf.get(name);
      const problem = status === undefined ? 'its kubelet has not started it' : problemOf(status);
      return { name, ...(problem === undefined ? {} : { problem }) };
    }),
    diagnostics: diagnostics.map(({ id, spec: { message = '', details } }) => {
      const more = details.length === 0 ? '' : ` (${details.join('; ')})`;
      return `${message}${more}, see talos.dev/diagnostic/${id}`;
    }),
  };
}

/** The kubelet puts the name of its node behind that of the pod, and both may hold dashes: `etcd` and `etcd-backup`. */
const podOf = (statusId: string, pods: readonly string[]): string | undefined =>
  pods.filter((pod) => statusId.startsWith(`${pod}-`)).reduce<string | undefined>(longest, undefined);

const longest = (one: string | undefined, other: string): string =>
  one !== undefined && one.length > other.length ? one : other;

/** One that has ended well has nothing to be ready for. */
function problemOf({ phase, conditions }: z.output<typeof kinds.staticPodStatuses.spec>): string | undefined {
  if (phase === 'Succeeded') return undefined;
  if (phase !== 'Running') return phase === undefined ? 'its kubelet does not say how it is' : `is ${phase}`;
  const ready = conditions.find(({ type }) => type === 'Ready');
  if (ready?.status === 'True') return undefined;
  return `is not ready${ready?.message === undefined || ready.message === '' ? '' : `: ${ready.message}`}`;
}
