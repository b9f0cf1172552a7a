import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { documentKinds, documentShape, fieldsOf } from '../document/config-fields.ts';
import type { Shape } from '../document/field-shape.ts';
import { type TalosContract, talosContracts } from '../talos-contract.ts';
import { trueRandom } from '../testing/true-random.ts';
import { diffConfigs } from './diff-configs.ts';
import { isSecretField, secretFields } from './secret-fields.ts';

const options = { minor: 'v1.13' as TalosContract, random: trueRandom };
const diff = (before: string, after: string) => diffConfigs(before, after, options);

/** The way to a secret: keys, with `[]` for an item of a list and `*` for any key, and what has to be there. */
interface SecretPath {
  readonly minor: TalosContract;
  readonly kind: string;
  readonly type: string;
  readonly path: readonly string[];
  readonly shape: Shape;
}

function secretPathsOf(minor: TalosContract, kind: string): SecretPath[] {
  const found: SecretPath[] = [];
  const walk = (shape: Shape, path: readonly string[], types: readonly string[]): void => {
    if (shape.kind === 'list') walk(shape.item, [...path, '[]'], types);
    if (shape.kind === 'table') walk(shape.item, [...path, '*'], types);
    if (shape.kind !== 'mapping' || types.includes(shape.type)) return;
    for (const [key, field] of fieldsOf(minor, shape.type)) {
      if (isSecretField(shape.type, key))
        found.push({ minor, kind, type: `${shape.type} ${key}`, path: [...path, key], shape: field });
      else if (key !== '*') walk(field, [...path, key], [...types, shape.type]);
    }
  };
  const shape = documentShape(minor, kind);
  if (shape !== undefined) walk(shape, [], []);
  return found;
}

const secretPaths = talosContracts.flatMap((minor) =>
  ['', ...documentKinds(minor)].flatMap((kind) => secretPathsOf(minor, kind)),
);

/** A value with this text somewhere inside of it, in the form that the field has. */
function planted(shape: Shape, canary: string): unknown {
  if (shape.kind === 'list') return ['x', planted(shape.item, canary)];
  if (shape.kind === 'scalar' && shape.of !== 'any') return canary;
  return { one: { two: ['x', { secret: canary }] } };
}

function documentWith({ kind, path, shape }: SecretPath, canary: string): string {
  const content = path.reduceRight<unknown>(
    (inner, key) => (key === '[]' ? [inner] : { [key === '*' ? 'some.key' : key]: inner }),
    planted(shape, canary),
  );
  const head = kind === '' ? {} : { apiVersion: 'v1alpha1', kind, name: 'one' };
  return stringify({ ...head, ...(content as object) });
}

describe('diffConfigs', () => {
  it('says what is new, gone and different, by document and path', () => {
    const before =
      'machine:\n  type: worker\n  certSANs: [a, b]\n---\napiVersion: v1alpha1\nkind: KmsgLogConfig\nname: old\n';
    const after =
      'machine:\n  type: worker\n  certSANs: [a, c]\n  nodeLabels: {x: "1"}\n---\napiVersion: v1alpha1\nkind: HostnameConfig\nhostname: n\n';
    expect(diff(before, after)).toEqual([
      { document: 'main', path: 'machine.certSANs[1]', before: 'b', after: 'c' },
      { document: 'main', path: 'machine.nodeLabels.x', after: '1' },
      { document: 'KmsgLogConfig old', path: 'apiVersion', before: 'v1alpha1' },
      { document: 'KmsgLogConfig old', path: 'kind', before: 'KmsgLogConfig' },
      { document: 'KmsgLogConfig old', path: 'name', before: 'old' },
      { document: 'HostnameConfig', path: 'apiVersion', after: 'v1alpha1' },
      { document: 'HostnameConfig', path: 'kind', after: 'HostnameConfig' },
      { document: 'HostnameConfig', path: 'hostname', after: 'n' },
    ]);
  });

  it('finds nothing between two ways of writing the same', () => {
    expect(diff('machine: {type: "worker", token: null}', 'machine:\n  type: worker # a comment\n')).toEqual([]);
  });

  it('shows that a secret changed, and equal secrets as equal, without showing one', () => {
    const config = (one: string, other: string) => `machine: {token: ${one}}\ncluster: {token: ${other}}\n`;
    const [first, second] = diff(config('aaa', 'bbb'), config('bbb', 'ccc'));
    expect(first?.before).toMatch(/^\(secret [0-9a-f]{8}\)$/);
    expect(first?.after).not.toBe(first?.before);
    expect(first?.after).toBe(second?.before);
    expect(diff(config('aaa', 'x'), config('bbb', 'x'))[0]?.before).not.toBe(first?.before);
  });

  it('shows no value of a kind that is not known', () => {
    const config = (value: string) =>
      `apiVersion: v1alpha1\nkind: FutureConfig\nname: one\ndeep: {items: [${value}]}\n`;
    const changes = diff(config('canary-1'), config('canary-2'));
    expect(changes).toMatchObject([{ document: 'FutureConfig one', path: 'deep.items[0]' }]);
    expect(JSON.stringify(changes)).not.toContain('canary');
  });

  it('hides the arguments of programs and of the kernel, which may hold anything', () => {
    const after = `machine:
  kubelet: {extraArgs: {a: canary}, extraConfig: {staticPodURLHeader: {Authorization: [canary]}}}
  sysctls: {a.b: canary}
  sysfs: {a.b: canary}
  kernel: {modules: [{name: m, parameters: [p=canary]}]}
  install: {extraKernelArgs: [x.password=canary]}
cluster:
  apiServer: {extraArgs: {a: canary}}
  controllerManager: {extraArgs: {a: canary}}
  scheduler: {extraArgs: {a: canary}}
  proxy: {extraArgs: {a: canary}}
  etcd: {extraArgs: {a: canary}}
`;
    const changes = diff('', after);
    expect(changes).toHaveLength(12);
    expect(JSON.stringify(changes)).not.toContain('canary');
  });

  it('hides URLs that may carry a password, wherever they are', () => {
    const config = (url: string) => `machine:\n  install: {image: "${url}"}\n`;
    expect(diff(config('http://h'), config('http://u:canary@h'))[0]?.after).toMatch(/^\(secret/);
    expect(diff(config('http://h'), config('http://h/x?token=canary'))[0]?.after).toMatch(/^\(secret/);
  });

  it('knows a way to every field of the table of secrets', () => {
    const reached = new Set(secretPaths.map(({ type }) => type));
    expect(secretFields.map(([type, key]) => `${type} ${key}`).filter((field) => !reached.has(field))).toEqual([]);
  });

  it('never shows a canary from any secret path of any kind of any minor', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...secretPaths),
        fc.stringMatching(/^canary[a-z0-9 ':#-]{4,30}z$/),
        fc.stringMatching(/^canary[a-z0-9 ':#-]{4,30}y$/),
        (path, one, other) => {
          const [before, after] = [documentWith(path, one), documentWith(path, other)];
          for (const [left, right] of [
            [before, after],
            ['machine: {}', after],
            [before, 'machine: {}'],
          ] as const) {
            const changes = diffConfigs(left, right, { minor: path.minor, random: trueRandom });
            expect(changes).not.toEqual([]);
            expect(JSON.stringify(changes)).not.toContain('canary');
          }
        },
      ),
      { numRuns: 800 },
    );
  });

  it('quotes nothing of a text that is no config', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          diff(text, 'machine: {}');
        } catch (fault) {
          expect(fault).toMatchObject({ code: 'talos/config-unreadable' });
        }
      }),
    );
    expect(() => diff('machine: {token: canary', 'machine: {}')).toThrow(/^(?!.*canary)/s);
  });
});
