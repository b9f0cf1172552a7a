import { describe, expect, it } from 'vitest';
import type { KubeObject } from './kube-object.ts';
import { orderForApply } from './order-for-apply.ts';

const of = (kind: string, name = kind): KubeObject => ({ apiVersion: 'v1', kind, metadata: { name } });
const kinds = (objects: readonly KubeObject[]) => objects.map((object) => object.kind);

describe('orderForApply', () => {
  it('puts namespaces and definitions first, and the rest after them', () => {
    const mixed = ['Deployment', 'CustomResourceDefinition', 'ServiceAccount', 'Namespace'].map((kind) => of(kind));
    const { first, rest } = orderForApply(mixed);
    expect(kinds(first)).toEqual(['Namespace', 'CustomResourceDefinition']);
    expect(kinds(rest)).toEqual(['ServiceAccount', 'Deployment']);
  });

  it('puts rights and quota before the pods that need them, and custom objects last', () => {
    const mixed = ['GitRepository', 'Deployment', 'ClusterRoleBinding', 'ClusterRole', 'ResourceQuota'].map((kind) =>
      of(kind),
    );
    expect(kinds(orderForApply(mixed).rest)).toEqual([
      ...['ResourceQuota', 'ClusterRole', 'ClusterRoleBinding', 'Deployment', 'GitRepository'],
    ]);
  });

  it('keeps the order of objects of one kind and loses none', () => {
    const { first, rest } = orderForApply([of('Service', 'b'), of('Service', 'a')]);
    expect([...first, ...rest].map((object) => object.metadata.name)).toEqual(['b', 'a']);
  });
});
