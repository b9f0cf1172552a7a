import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { FluxSource } from '../core/rack-spec.ts';
import { fluxObjects } from './flux-objects.ts';
import type { KubeObject } from './kube-object.ts';

/** The spec schemas of the definitions of Flux 2.9.4. */
const schemaFile = {
  OCIRepository: 'source.toolkit.fluxcd.io_ocirepository_v1.json',
  GitRepository: 'source.toolkit.fluxcd.io_gitrepository_v1.json',
  Kustomization: 'kustomize.toolkit.fluxcd.io_kustomization_v1.json',
} as const;

/** The API drops a field that is not in the schema without a word; here it is an error. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inner = Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => !key.startsWith('x-'))
      .map(([key, value]) => [key, closed(value)]),
  );
  return 'properties' in inner && !('additionalProperties' in inner)
    ? { ...inner, additionalProperties: false }
    : inner;
}

function problemsOf({ apiVersion, kind, spec }: KubeObject): readonly string[] {
  const text = readFileSync(
    new URL(`testdata/${schemaFile[kind as keyof typeof schemaFile]}`, import.meta.url),
    'utf8',
  );
  const definition = JSON.parse(text) as { group: string; version: string; spec: object };
  const result = z.fromJSONSchema(closed(definition.spec) as Parameters<typeof z.fromJSONSchema>[0]).safeParse(spec);
  const problems = result.success
    ? []
    : result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  return apiVersion === `${definition.group}/${definition.version}` ? problems : [apiVersion, ...problems];
}

const oci: FluxSource = {
  kind: 'OCIRepository',
  url: 'oci://10.0.0.2:5000/rack',
  tag: 'v1',
  path: './',
  insecure: false,
};
const git: FluxSource = {
  kind: 'GitRepository',
  url: 'https://git.example/rack.git',
  branch: 'main',
  path: 'clusters/a',
};

describe('fluxObjects', () => {
  it.each([
    ['an OCI artifact', oci],
    ['a plain-HTTP OCI artifact with a secret', { ...oci, insecure: true, secret: 'pull' } satisfies FluxSource],
    ['a git repository', git],
    ['a git repository with a secret', { ...git, secret: 'flux-system' } satisfies FluxSource],
  ])('fits the definitions of Flux for %s', (_, source) => {
    const objects = fluxObjects(source);
    expect(problemsOf(objects.source)).toEqual([]);
    expect(problemsOf(objects.kustomization)).toEqual([]);
  });

  it('would notice a field that Flux does not know', () => {
    const { source } = fluxObjects(oci);
    expect(problemsOf({ ...source, spec: { ...(source['spec'] as object), tag: 'v1' } })).not.toEqual([]);
  });

  it('has the names of flux bootstrap', () => {
    const { source, kustomization } = fluxObjects(git);
    expect(source.metadata).toEqual({ name: 'flux-system', namespace: 'flux-system' });
    expect(kustomization.metadata).toEqual({ name: 'flux-system', namespace: 'flux-system' });
    expect(kustomization['spec']).toMatchObject({ sourceRef: { kind: 'GitRepository', name: 'flux-system' } });
  });

  it('points at what the rack file names', () => {
    expect(fluxObjects({ ...oci, insecure: true, secret: 'pull' }).source['spec']).toEqual({
      interval: '1m0s',
      url: 'oci://10.0.0.2:5000/rack',
      ref: { tag: 'v1' },
      insecure: true,
      secretRef: { name: 'pull' },
    });
    expect(fluxObjects(git).source['spec']).toMatchObject({ ref: { branch: 'main' } });
  });

  it.each([
    ['./', './'],
    ['.', './'],
    ['clusters/a', './clusters/a'],
    ['./clusters/a', './clusters/a'],
    ['/clusters/a', './clusters/a'],
    ['.hidden', './.hidden'],
  ])('writes the path %s as %s', (path, written) => {
    expect(fluxObjects({ ...git, path }).kustomization['spec']).toMatchObject({ path: written });
  });
});
