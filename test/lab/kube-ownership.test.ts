import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../cluster/kube-object.ts';
import { leavesOf, removeLeaves, writeLeaf } from './kube-fields.ts';
import { applyFields, managedFieldsOf, type Owners, updateFields } from './kube-ownership.ts';
import { KubeError } from './kube-status.ts';

const deployment = (spec: object): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'a' },
  spec,
});
const pod = (...containers: object[]) => deployment({ template: { spec: { containers } } });
const nothing = deployment({});
const by = (manager: string, force = false) =>
  ({ manager, operation: 'Apply', subresource: '', force, time: 't' }) as const;
const apply = (was: { object: KubeObject; owners: Owners }, wished: KubeObject, manager: string, force = false) =>
  applyFields(was.object, wished, was.owners, by(manager, force));
const fresh = { object: nothing, owners: [] };

describe('applyFields', () => {
  it('lets two managers own different fields, also of one list with keys', () => {
    const ours = apply(fresh, pod({ name: 'a', image: 'x' }), 'a');
    const both = apply(ours, pod({ name: 'b', image: 'y' }), 'b');
    expect(both.object).toEqual(pod({ name: 'a', image: 'x' }, { name: 'b', image: 'y' }));
  });

  it('refuses a value that another manager gave otherwise, and names both', () => {
    const ours = apply(fresh, pod({ name: 'a', image: 'x' }), 'first');
    try {
      apply(ours, pod({ name: 'a', image: 'y' }), 'second');
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(KubeError);
      expect(thrown).toMatchObject({
        code: 409,
        message: 'Apply failed with 1 conflict: conflict with "first": .spec.template.spec.containers[name="a"].image',
      });
    }
    expect.assertions(2);
  });

  it('takes the field when forced, and the other owns it no more', () => {
    const ours = apply(fresh, pod({ name: 'a', image: 'x' }), 'first');
    const forced = apply(ours, pod({ name: 'a', image: 'y' }), 'second', true);
    expect(forced.object).toEqual(pod({ name: 'a', image: 'y' }));
    const gone = apply(forced, deployment({ replicas: 1 }), 'second');
    expect(gone.object).toEqual({
      ...deployment({ replicas: 1, template: { spec: { containers: [{ name: 'a' }] } } }),
    });
  });

  it('lets two managers agree on a value, and keeps it until the last one lets go', () => {
    const both = apply(apply(fresh, deployment({ replicas: 2 }), 'a'), deployment({ replicas: 2 }), 'b');
    const one = apply(both, deployment({ paused: true }), 'a');
    expect(one.object).toEqual(deployment({ replicas: 2, paused: true }));
    expect(apply(one, deployment({ paused: true }), 'b').object).toEqual(deployment({ paused: true }));
  });

  it('removes an item of a list when its only owner does not name it any more', () => {
    const two = apply(fresh, pod({ name: 'a', image: 'x' }, { name: 'b', image: 'y' }), 'a');
    expect(apply(two, pod({ name: 'b', image: 'y' }), 'a').object).toEqual(pod({ name: 'b', image: 'y' }));
  });

  it('takes a list without keys as one value', () => {
    const args = (...list: string[]) => pod({ name: 'a', args: list });
    const ours = apply(fresh, args('1'), 'a');
    expect(apply(ours, args('1', '2'), 'a').object).toEqual(args('1', '2'));
    expect(() => apply(ours, args('2'), 'b')).toThrow('conflict with "a"');
  });

  it('does not empty what others filled by naming it empty', () => {
    const ours = apply(fresh, deployment({ strategy: { type: 'Recreate' } }), 'a');
    expect(apply(ours, deployment({ strategy: {} }), 'b').object).toEqual(
      deployment({ strategy: { type: 'Recreate' } }),
    );
  });

  it('asks nobody for a plain write, which then owns what it changed', () => {
    const ours = apply(fresh, deployment({ replicas: 1, paused: true }), 'a');
    const next = deployment({ replicas: 5, paused: true });
    const owners = updateFields(ours.object, next, ours.owners, {
      manager: 'scaler',
      operation: 'Update',
      subresource: '',
      time: 't',
    });
    expect(() => apply({ object: next, owners }, deployment({ replicas: 1 }), 'a')).toThrow(
      'conflict with "scaler" using apps/v1: .spec.replicas',
    );
    expect(apply({ object: next, owners }, deployment({ paused: false }), 'a').object).toEqual(
      deployment({ replicas: 5, paused: false }),
    );
  });

  it('shows ownership in the form of the API', () => {
    const { owners } = apply(fresh, pod({ name: 'a', image: 'x' }), 'a');
    expect(managedFieldsOf(owners)).toEqual([
      {
        manager: 'a',
        operation: 'Apply',
        apiVersion: 'apps/v1',
        time: 't',
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:spec': {
            'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"a"}': { 'f:name': {}, 'f:image': {} } } } },
          },
        },
      },
    ]);
  });
});

describe('leaves', () => {
  const value = fc.letrec((tie) => ({
    any: fc.oneof({ maxDepth: 3 }, fc.string(), fc.integer(), fc.boolean(), tie('list'), tie('map'), tie('keyed')),
    list: fc.array(tie('any'), { maxLength: 3 }),
    map: fc.dictionary(fc.constantFrom('a', 'b', 'args', 'env'), tie('any'), { maxKeys: 3 }),
    keyed: fc
      .uniqueArray(fc.constantFrom('x', 'y', 'z'), { maxLength: 3 })
      .map((names) => ({ containers: names.map((name) => ({ name, image: name })) })),
  }));
  const specs = fc.dictionary(fc.constantFrom('a', 'b', 'c'), value.any, { minKeys: 1, maxKeys: 3 });

  it('make the same object again when they are written, and nothing is left when they are removed', () => {
    fc.assert(
      fc.property(specs, (spec) => {
        const leaves = [...leavesOf(deployment(spec)).values()];
        const made: Record<string, unknown> = {};
        for (const leaf of leaves) writeLeaf(made, structuredClone(leaf));
        expect(made).toEqual({ spec });
        removeLeaves(
          made,
          leaves.map((leaf) => leaf.path),
        );
        expect(made).toEqual({});
      }),
    );
  });
});
