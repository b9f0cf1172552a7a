import fc from 'fast-check';
import { stringify } from 'yaml';
import { documentKinds, documentShape, fieldsOf } from '../../talos/document/config-fields.ts';
import type { Shape } from '../../talos/document/field-shape.ts';
import { type TalosContract } from '../../talos/talos-contract.ts';

/** A config and patches on it, as texts. */
export interface PatchCase {
  readonly config: string;
  readonly patches: readonly string[];
}

type Tree = Record<string, unknown>;

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** Few values of each form, so that config and patch often meet; the first of each means nothing to Talos. */
const leaves: Readonly<Record<string, readonly (string | number)[]>> = {
  Prefix: ['10.0.0.0/24', '10.1.0.0/16'],
  Addr: ['10.0.0.1', '10.0.0.2'],
  AddrPort: ['10.0.0.1:80', '10.0.0.2:81'],
  URL: ['https://a.example:6443', 'http://b.example/path', 'https://c.example?q=1'],
  Endpoint: ['https://a.example:6443', 'https://b.example/path', 'udp://127.0.0.1:514/'],
  Size: ['10GB', '50%', '20%', '1GiB'],
  ByteSize: ['10GB', '1GiB', '100MB'],
  Expression: ['system_disk', '!system_disk'],
  InstallDiskSizeMatcher: ['>= 100GB', '1TB'],
  PortRange: [80, '100-200'],
  DiskSize: ['10 GB', '1GiB'],
};

/** Values of enums by the key that holds them. The zero value comes first where it has a text that Talos reads. */
const enums: Readonly<Record<string, readonly string[]>> = {
  ingress: ['accept', 'block'],
  protocol: ['tcp', 'udp'],
  provider: ['luks2'],
  type: ['ext4', 'xfs'],
  filesystemType: ['virtiofs'],
  volumeType: ['partition', 'disk', 'directory'],
  auto: ['off', 'stable'],
  bondMode: ['balance-rr', '802.3ad', 'active-backup'],
  lacpRate: ['slow', 'fast'],
  xmitHashPolicy: ['layer2', 'layer3+4'],
  vlanMode: ['802.1q', '802.1ad'],
  clientIdentifier: ['none', 'mac', 'duid'],
  table: ['unspec', 'main', 'local'],
  adSelect: ['stable', 'bandwidth'],
  primaryReselect: ['always', 'better'],
  action: ['unspec', 'unicast'],
};

/** The same by the zero value, where a key holds different enums. */
const enumsByZero: Readonly<Record<string, readonly string[]>> = {
  linear: ['linear', 'raid0', 'raid1'],
  raid1: ['raid1'],
  '1.0': ['1.0', '1.2'],
  Do53: ['Do53', 'DoT'],
};

const bytesOf = (key: string): readonly string[] =>
  /hardwareAddr|duidRaw/i.test(key) ? ['02:00:00:00:00:01', '02:00:00:00:00:02'] : [base64('one'), base64('two'), ''];

/** Undefined where no value is known: the field is left out. */
function valueOf(minor: TalosContract, shape: Shape, key: string, depth: number): fc.Arbitrary<unknown> | undefined {
  switch (shape.kind) {
    case 'mapping':
      return depth > 5 ? undefined : mappingOf(minor, shape.type, depth + 1);
    case 'table': {
      const item = shape.isArgs
        ? fc.oneof(fc.constantFrom('', 'x', 'y'), fc.array(fc.constantFrom('a', 'b'), { maxLength: 2 }))
        : valueOf(minor, shape.item, key, depth + 1);
      return item === undefined
        ? undefined
        : fc.dictionary(fc.constantFrom('one', 'two', 'a.b/c'), item, { maxKeys: 3 });
    }
    case 'list': {
      const item = valueOf(minor, shape.item, key, depth + 1);
      return item === undefined ? undefined : fc.array(item, { maxLength: 3 });
    }
    case 'scalar':
      return scalarOf(shape, key);
  }
}

function scalarOf(shape: Shape & { kind: 'scalar' }, key: string): fc.Arbitrary<unknown> | undefined {
  const some = (values: readonly unknown[] | undefined) =>
    values === undefined ? undefined : fc.constantFrom(...values);
  switch (shape.of) {
    case 'string':
      return key === 'op' || key === 'type' ? undefined : fc.constantFrom('', 'x', 'y', '010', 'true');
    case 'int':
      return fc.constantFrom(0, 1, 2);
    case 'float':
      return fc.constantFrom(0, 0.5);
    case 'bool':
      return fc.boolean();
    case 'duration':
      return fc.constantFrom('0s', '5s', '1h30m0s');
    case 'enum':
      return some(enumsByZero[shape.name ?? ''] ?? enums[key]);
    case 'bytes':
      return some(bytesOf(key));
    case 'leaf':
      return some(leaves[shape.name?.replace('!', '') ?? '']);
    case 'any':
      return anything;
  }
}

const anything: fc.Arbitrary<unknown> = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    fc.constantFrom('', 'x', 'y'),
    fc.constantFrom(0, 1, 2.5),
    fc.boolean(),
    fc.array(tie('any'), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom('one', 'two'), tie('any'), { maxKeys: 2 }),
  ),
})).any;

function mappingOf(minor: TalosContract, type: string, depth: number): fc.Arbitrary<Tree> {
  const fields = fieldsOf(minor, type);
  if (fields.has('*')) return fc.dictionary(fc.constantFrom('one', 'two'), anything, { maxKeys: 3 });
  const known = [...fields].flatMap(([key, shape]) => {
    if (depth === 0 && (key === 'apiVersion' || key === 'kind' || key === 'name')) return [];
    const value = valueOf(minor, shape, key, depth);
    return value === undefined ? [] : [[key, value] as const];
  });
  if (known.length === 0) return fc.constant({});
  return fc
    .subarray(
      known.map(([key]) => key),
      { maxLength: Math.min(known.length, depth === 0 ? 6 : 4) },
    )
    .chain((keys) => fc.record(Object.fromEntries(known.filter(([key]) => keys.includes(key)))));
}

const names = ['one', 'two'];

function documentOf(minor: TalosContract, kind: string): fc.Arbitrary<Tree> {
  const type = documentShape(minor, kind)?.type ?? '';
  const hasName = fieldsOf(minor, type).has('name');
  return fc
    .record({ content: mappingOf(minor, type, 0), name: fc.constantFrom(...names), peer: fc.constantFrom('p', 'q') })
    .map(({ content, name }) =>
      kind === ''
        ? { version: 'v1alpha1', machine: {}, ...content }
        : { apiVersion: 'v1alpha1', kind, ...(hasName ? { name } : {}), ...content },
    );
}

const identity = (document: Tree) => `${String(document['kind'])}/${String(document['name'])}`;

/** A few documents, none twice, the main one among them when asked for. */
function documentsOf(
  minor: TalosContract,
  kinds: readonly string[],
  hasMain: boolean,
  least = 0,
): fc.Arbitrary<Tree[]> {
  return fc
    .uniqueArray(
      fc.constantFrom(...kinds).chain((kind) => documentOf(minor, kind)),
      { minLength: hasMain ? 0 : least, maxLength: 3, selector: identity },
    )
    .chain((documents) =>
      hasMain ? documentOf(minor, '').map((main) => [main, ...documents]) : fc.constant(documents),
    );
}

/** Puts deletions at some of the places of a document. */
function withDeletions(document: Tree): fc.Arbitrary<Tree> {
  return fc.infiniteStream(fc.integer({ min: 0, max: 99 })).map((chances) => {
    const isHit = (percent: number) => (chances.next().value as number) < percent;
    const walk = (value: unknown, inList: boolean): unknown => {
      if (Array.isArray(value)) return value.map((item) => walk(item, true));
      if (typeof value !== 'object' || value === null) return value;
      if (inList && isHit(30)) return { $patch: 'delete', ...value };
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) =>
          !inList && isHit(15) && key !== 'kind' && key !== 'apiVersion' && key !== 'name' && key !== 'version'
            ? [key, { $patch: 'delete' }]
            : [key, walk(item, inList)],
        ),
      );
    };
    const changed = walk(document, false) as Tree;
    return isHit(15) ? { $patch: 'delete', ...changed } : changed;
  });
}

const written = (documents: readonly Tree[]): string =>
  documents.map((document) => stringify(document, { version: '1.1', lineWidth: 0 })).join('---\n');

/** Configs and patches over all fields of all kinds that this minor has. */
export function patchCases(minor: TalosContract, kinds = documentKinds(minor)): fc.Arbitrary<PatchCase> {
  // A pair of virtual links needs two names to be loaded at all.
  const plain = kinds.filter((kind) => kind !== 'VethConfig');
  return fc
    .uniqueArray(fc.constantFrom(...plain), { minLength: 1, maxLength: 2 })
    .chain((few) =>
      fc.record({
        config: documentsOf(minor, few, true),
        patches: fc.array(
          fc
            .boolean()
            .chain((hasMain) =>
              documentsOf(minor, few, hasMain, 1).chain((documents) =>
                fc
                  .boolean()
                  .chain((deletes) => (deletes ? fc.tuple(...documents.map(withDeletions)) : fc.constant(documents))),
              ),
            ),
          { minLength: 1, maxLength: 2 },
        ),
      }),
    )
    .map(({ config, patches }) => ({ config: written(config), patches: patches.map(written) }));
}
