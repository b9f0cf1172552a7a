import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { resourceKinds, type TypedKind } from './resource-kinds.ts';

const here = dirname(fileURLToPath(import.meta.url));

/** One line a type: name, namespace, whether sensitive, the fields of its spec. */
function readTable(version: string) {
  const lines = readFileSync(join(here, 'testdata', `resources-v${version}.txt`), 'utf8')
    .trimEnd()
    .split('\n');
  return new Map(
    lines.map((line) => {
      const [type = '', namespace, sensitivity, ...fields] = line.split(' ');
      return [type, { namespace, sensitivity, fields }];
    }),
  );
}

/** Fields that came later than their type. */
const later: Readonly<Record<string, string>> = { 'DiscoveredVolumes.block.talos.dev offset': '1.12' };
const isLater = (field: string, version: string) => version < (later[field] ?? version);

describe.each(['1.11', '1.12', '1.13', '1.14'])('the kinds of resources, in Talos %s', (version) => {
  const table = readTable(version);
  const kinds: readonly TypedKind[] = Object.values(resourceKinds);

  it('are there, unless they came with a later version', () => {
    const expected = kinds.filter(({ since = '1.11' }) => since <= version).map(({ type }) => type);
    expect([...table.keys()].sort()).toEqual(expected.sort());
  });

  it('have the namespace, the sensitivity and the fields that we say', () => {
    const differences = kinds.flatMap(({ type, namespace, spec, sensitive }) => {
      const theirs = table.get(type);
      if (theirs === undefined) return [];
      const wrong: string[] = [];
      if (theirs.namespace !== namespace) wrong.push(`${type} is in ${theirs.namespace ?? ''}`);
      const isSensitive = sensitive === true || (sensitive !== undefined && sensitive <= version);
      if ((theirs.sensitivity === 'sensitive') !== isSensitive) wrong.push(`${type} is ${theirs.sensitivity ?? ''}`);
      // Kinds whose spec is one text, or is embedded from elsewhere, have no fields in the tables.
      const fields = spec instanceof z.ZodObject && theirs.fields.length > 0 ? Object.keys(spec.shape) : [];
      const missing = fields.filter((field) => !theirs.fields.includes(field) && !isLater(`${type} ${field}`, version));
      return [...wrong, ...missing.map((field) => `${type} ${field}`)];
    });
    expect(differences).toEqual([]);
  });
});
