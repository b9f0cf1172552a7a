import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { rackJsonSchema } from './rack-json-schema.ts';

interface Node {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: boolean | Node;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly oneOf?: readonly Node[];
}

const examples = ['three-nodes', 'storage-rack'].map((name) => {
  const text = readFileSync(join(import.meta.dirname, '..', 'examples', name, 'rack.yaml'), 'utf8');
  return { name, values: parse(text) as Readonly<Record<string, unknown>> };
});

/** Every key of a rack file, as a path. */
function keysOf(node: Node, path: string, found: Map<string, Node>): Map<string, Node> {
  for (const [key, value] of Object.entries(node.properties ?? {})) {
    found.set(`${path}.${key}`, value);
    keysOf(value, `${path}.${key}`, found);
  }
  for (const one of [node.items, node.additionalProperties])
    if (typeof one === 'object') keysOf(one, `${path}[]`, found);
  for (const one of [...(node.anyOf ?? []), ...(node.oneOf ?? [])]) keysOf(one, path, found);
  return found;
}

describe('rackJsonSchema', () => {
  it('describes the keys that an operator writes', () => {
    const keys = keysOf(rackJsonSchema(), '', new Map());
    expect(keys.get('.machines[].disk')?.description).toMatch(/everything on it is lost/);
    const silent = [...keys].filter(([, node]) => node.description === undefined).map(([path]) => path);
    // What is clear from its name: versions of the file itself, ports, tuning that only the factory knows.
    expect(
      silent.filter((path) => !/^\.(apiVersion|kind|boot\.ports\.\w+|talos\.schematic)|\.kind$/.test(path)),
    ).toEqual([]);
  });

  it('knows every key of the examples', () => {
    const known = keysOf(rackJsonSchema(), '', new Map());
    const open = ['patches', 'inline', 'mirrors', 'classes'];
    const check = (value: unknown, path: string): void => {
      if (Array.isArray(value)) for (const one of value) check(one, `${path}[]`);
      else if (typeof value === 'object' && value !== null) {
        for (const [key, one] of Object.entries(value)) {
          if (open.includes(path.split('.').at(-1) ?? '') || path.includes('inline')) continue;
          expect([...known.keys()]).toContain(`${path}.${key}`);
          check(one, `${path}.${key}`);
        }
      }
    };
    for (const { values } of examples) check(values, '');
  });
});
