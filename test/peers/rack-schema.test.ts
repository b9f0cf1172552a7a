import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { rackJsonSchema } from '../../installer/index.ts';
import { pythonWith } from './python-with.ts';

type Tree = Record<string, unknown>;

/** Where a validator that is not ours (Python's jsonschema) finds each of these rack files wrong; empty when it takes it. */
function judge(rackFiles: readonly unknown[]): readonly (readonly string[])[] {
  const script = `
import json, sys
from jsonschema import Draft202012Validator
asked = json.load(sys.stdin)
Draft202012Validator.check_schema(asked["schema"])
validator = Draft202012Validator(asked["schema"])
json.dump([sorted({error.json_path for error in validator.iter_errors(one)}) for one in asked["files"]], sys.stdout)
`;
  const input = JSON.stringify({ schema: rackJsonSchema(), files: rackFiles });
  return JSON.parse(execFileSync(pythonWith('jsonschema')!, ['-c', script], { input, encoding: 'utf8' })) as string[][];
}

const example = (name: string) =>
  parse(readFileSync(join(import.meta.dirname, '../../examples', name, 'rack.yaml'), 'utf8')) as Tree;

describe('the JSON Schema of the rack file, to a foreign validator', () => {
  it('is a schema, and takes the examples', () => {
    expect(judge([example('three-nodes'), example('storage-rack')])).toEqual([[], []]);
  });

  it('finds what is wrong where it is', () => {
    const change = (edit: (rack: Tree) => void) => {
      const rack = example('storage-rack');
      edit(rack);
      return rack;
    };
    const machine = (rack: Tree) => (rack['machines'] as Tree[])[0]!;
    const classes = (rack: Tree) => rack['classes'] as Record<string, Tree>;
    expect(
      judge([
        change((rack) => delete rack['network']),
        change((rack) => Object.assign(rack, { netwrk: {} })),
        change((rack) => Object.assign(machine(rack), { role: 'boss' })),
        change((rack) => Object.assign(machine(rack), { disk: { serial: 7 } })),
        change((rack) => Object.assign(classes(rack)['storage']!, { count: 0 })),
        change((rack) => Object.assign(rack['talos'] as Tree, { version: '1.13.9' })),
        change((rack) =>
          Object.assign(classes(rack)['control']!, { network: { bond: { mode: 'lacp', members: [] } } }),
        ),
      ]),
    ).toEqual([
      ['$'],
      ['$'],
      ['$.machines[0].role'],
      ['$.machines[0].disk.serial'],
      ['$.classes.storage.count'],
      ['$.talos.version'],
      ['$.classes.control.network.bond.members', '$.classes.control.network.bond.mode'],
    ]);
  });
});
