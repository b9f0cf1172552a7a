import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  configDocument,
  type DocumentFields,
  type DocumentKindName,
  documentKinds,
  type PlainDocument,
} from '../../talos/document-builder/config-document.ts';
import type { DocumentKind } from '../../talos/document-builder/document-kind.ts';
import { type CertificateAndKey, createAuthority } from '../../talos/index.ts';
import { renderConfigText } from '../../talos/render-config-text.ts';
import { hasSince, type TalosContract } from '../../talos/talos-contract.ts';
import { parseConfigText } from '../../talos/testing/parse-config-text.ts';
import { trueRandom } from '../../talos/testing/true-random.ts';
import { VirtualClock } from '../fakes/virtual-clock.ts';
import { type ConfigVerdict, configOracle, type Oracle, oracleVersions } from './config-oracle.ts';
import { documentExamples } from './document-examples.ts';

const clock = Object.assign(new VirtualClock(), { now: () => new Date() });
const ports = { clock, random: trueRandom };
const kinds = Object.keys(documentKinds) as DocumentKindName[];
const kindOf = (name: DocumentKindName): DocumentKind => documentKinds[name];

/** What Talos 1.14 has, and the early release of it that the Go proxy gives does not: kinds, and fields by path. */
const unknownToPrerelease: Readonly<Partial<Record<DocumentKindName, true | readonly string[]>>> = {
  DHCPv4Config: ['ignoreRoutes'],
  VolumeConfig: ['filesystem', 'scrub'],
  UserVolumeConfig: ['filesystem.xfs', 'scrub'],
  ExistingVolumeConfig: ['scrub'],
  KubeNetworkConfig: ['nodeCIDRMaskSizeIPv4', 'nodeCIDRMaskSizeIPv6'],
  VethConfig: true,
  BGPInstanceConfig: true,
  RAIDArrayConfig: true,
  FilesystemScrubConfig: true,
  UnattendedInstallConfig: true,
  KernelModuleConfig: true,
  UdevRulesConfig: true,
  EtcFileConfig: true,
  SecurityProfileConfig: true,
  CRICustomizationConfig: true,
  CRIBaseRuntimeSpecConfig: true,
  DiscoveryIdentityConfig: true,
  KubeClusterConfig: true,
  KubeNodeConfig: true,
  KubeletConfig: true,
  KubePrismConfig: true,
  KubeAPIServerCAConfig: true,
  KubeAggregatorCAConfig: true,
  KubeServiceAccountConfig: true,
  KubeCoreDNSConfig: true,
  KubeInlineManifestConfig: true,
  KubeExternalManifestConfig: true,
  KubeStaticPodConfig: true,
  KubeCredentialProviderConfig: true,
  KubeTalosAPIAccessConfig: true,
};

/** Talos' way to say that a kind or a field is not for it. */
const unknownTo = /not registered|unknown keys|does not belong to/;

let pair: CertificateAndKey;
beforeAll(async () => {
  pair = await createAuthority({ kind: 'ecdsa-p256', organization: 'test' }, ports);
});

interface Row {
  readonly name: DocumentKindName;
  readonly fields: PlainDocument;
}

/** The first example of each kind without what is missing, and the others where nothing of theirs is missing. */
function rowsFor(names: readonly DocumentKindName[], missing: (name: DocumentKindName) => readonly string[]): Row[] {
  const examples = documentExamples(pair);
  return names.flatMap((name) => {
    const some: readonly PlainDocument[] = examples[name];
    return some
      .map((whole) => ({ whole, fields: missing(name).reduce(without, whole) }))
      .filter(({ whole, fields }, index) => index === 0 || isDeepStrictEqual(whole, fields))
      .map(({ fields }) => ({ name, fields }));
  });
}

const newerFields = (name: DocumentKindName, contract: TalosContract) =>
  Object.entries(kindOf(name).fieldsSince)
    .filter(([, since]) => !hasSince(contract, since))
    .map(([path]) => path);

describe.each(oracleVersions)('documents of Talos $talos', (version) => {
  const { contract } = version;
  const isPrerelease = version.talos.includes('-');
  let ask: Oracle;

  beforeAll(async () => {
    ask = await configOracle(version);
  });

  const judge = async (documents: readonly PlainDocument[]): Promise<readonly ConfigVerdict[]> =>
    (await ask({ configs: documents.map((document) => ({ yaml: renderConfigText([document]), disks: [] })) })).configs;
  const lacking = (name: DocumentKindName) => (isPrerelease ? unknownToPrerelease[name] : undefined);
  const has = (name: DocumentKindName) => hasSince(contract, kindOf(name).since) && lacking(name) !== true;
  const missing = (name: DocumentKindName) => {
    const lacks = lacking(name);
    return [...newerFields(name, contract), ...(Array.isArray(lacks) ? (lacks as string[]) : [])];
  };

  it('takes every kind that it has, and reads in it what we wrote', async () => {
    const rows = rowsFor(kinds.filter(has), missing);
    const documents = rows.map(({ name, fields }) =>
      configDocument(contract, name, fields as DocumentFields<typeof name>),
    );
    const verdicts = await judge(documents);
    const wrong = verdicts.flatMap(({ error, encoded }, index) => {
      const [understood] = error === '' ? parseConfigText(encoded) : [];
      if (error === '' && isDeepStrictEqual(understood, documents[index])) return [];
      return [{ wrote: documents[index], error, understood }];
    });
    expect(wrong).toEqual([]);
  });

  it('refuses every kind and field that came later, as do we', async () => {
    const later = rowsFor(
      kinds.filter((name) => !has(name)),
      () => [],
    );
    const withLaterField = kinds
      .filter(has)
      .flatMap((name) =>
        missing(name).flatMap((kept) =>
          rowsFor([name], () => missing(name).filter((path) => path !== kept && !kept.startsWith(`${path}.`))).filter(
            ({ fields }) => !isDeepStrictEqual(without(fields, kept), fields),
          ),
        ),
      );
    const rows = [...later, ...withLaterField];
    expect(rows.length > 0).toBe(true);
    const verdicts = await judge(rows.map(({ name, fields }) => ({ apiVersion: 'v1alpha1', kind: name, ...fields })));
    const taken = rows.flatMap(({ name, fields }, index) => {
      const { error } = verdicts[index]!;
      return unknownTo.test(error) ? [] : [{ name, fields, error }];
    });
    expect(taken).toEqual([]);
    if (isPrerelease) return;
    for (const { name, fields } of rows) {
      expect(() => configDocument(contract, name, fields as DocumentFields<typeof name>), name).toThrow(
        expect.objectContaining({ code: 'talos/document-too-new', kind: 'operator' }),
      );
    }
  });
});

it('has an example for every field of every kind', () => {
  const examples = documentExamples(pair);
  const unproven = kinds.flatMap((name) => {
    const schema = z.toJSONSchema(kindOf(name).schema, { io: 'input' });
    return leavesOf(schema)
      .filter((path) => !examples[name].some((fields) => !isDeepStrictEqual(without(fields, path), fields)))
      .map((path) => `${name}.${path}`);
  });
  expect(unproven).toEqual([]);
});

/** The same without what is at the path; lists on the way are looked through. `a=b` takes `a` out where it is `b`. */
function without(node: PlainDocument, path: string): PlainDocument {
  const [, key = '', rest] = /^([^.=]+)(?:[.=](.+))?$/.exec(path) ?? [];
  if (!(key in node)) return node;
  const { [key]: value, ...others } = node;
  if (rest === undefined || value === rest) return others;
  if (Array.isArray(value)) return { ...node, [key]: (value as PlainDocument[]).map((item) => without(item, rest)) };
  if (typeof value !== 'object' || value === null) return node;
  const left = without(value as PlainDocument, rest);
  return Object.keys(left).length === 0 ? others : { ...node, [key]: left };
}

/** Paths of what has no fields of its own. */
function leavesOf(schema: unknown, path = ''): string[] {
  const { properties, items } = schema as { properties?: Record<string, unknown>; items?: unknown };
  if (items !== undefined && 'properties' in (items as object)) return leavesOf(items, path);
  if (properties === undefined) return [path];
  return Object.entries(properties).flatMap(([key, value]) => leavesOf(value, path === '' ? key : `${path}.${key}`));
}
