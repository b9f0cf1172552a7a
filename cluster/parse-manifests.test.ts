import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault } from '../core/fault.ts';
import { parseManifests } from './parse-manifests.ts';

const faultOf = (text: string): Fault => {
  try {
    parseManifests(text, 'install.yaml');
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown;
    throw thrown;
  }
  throw new Error('no fault');
};

const configMap = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;

describe('parseManifests', () => {
  it('gives the objects of all documents in their order and skips empty ones', () => {
    const text = `# head\n---\n${configMap('a')}---\n---\n# only a comment\n---\n${configMap('b')}`;
    expect(parseManifests(text, 'f').map((object) => object.metadata.name)).toEqual(['a', 'b']);
  });

  it('gives the items of a List', () => {
    const list = JSON.stringify({
      apiVersion: 'v1',
      kind: 'List',
      items: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }],
    });
    expect(parseManifests(list, 'f')).toEqual([{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }]);
  });

  it('gives nothing for an empty file', () => {
    expect(parseManifests('', 'f')).toEqual([]);
  });

  it.each([
    ['just text', 'is not a Kubernetes object'],
    ['- a\n- b', 'is not a Kubernetes object'],
    ['kind: ConfigMap\nmetadata: {name: a}', 'has no apiVersion'],
    ['apiVersion: v1\nmetadata: {name: a}', 'has no kind'],
    ['apiVersion: v1\nkind: ConfigMap', '(ConfigMap) has no metadata.name'],
    ['apiVersion: v1\nkind: ConfigMap\nmetadata: {name: 7}', '(ConfigMap) has no metadata.name'],
    ['apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: []}', 'namespace that is not a text'],
    ['a: [', 'is not YAML'],
  ])('refuses %j and says where', (document, why) => {
    const fault = faultOf(`${configMap('a')}---\n${document}\n`);
    expect(fault.code).toBe('kube/not-a-manifest');
    expect(fault.message).toContain('install.yaml, document 2');
    expect(fault.message).toContain(why);
    expect(fault.places[0]?.line).toBeGreaterThanOrEqual(6);
  });

  it('gives objects or its fault for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        try {
          for (const object of parseManifests(text, 'f')) expect(object.metadata.name).not.toBe('');
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(Fault);
        }
      }),
    );
  });
});
