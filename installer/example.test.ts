import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseRackFile } from './parse-rack-file.ts';

const folder = join(import.meta.dirname, '..', 'examples', 'three-nodes');

describe('examples/three-nodes', () => {
  it('is a rack file that holds together', () => {
    const { spec } = parseRackFile('rack.yaml', readFileSync(join(folder, 'rack.yaml'), 'utf8'));
    expect(spec.machines.filter((machine) => machine.role === 'controlplane')).toHaveLength(3);
  });

  it('says which files have to lie beside it', () => {
    const { spec } = parseRackFile('rack.yaml', readFileSync(join(folder, 'rack.yaml'), 'utf8'));
    const readme = readFileSync(join(folder, 'README.md'), 'utf8');
    expect(readme).toContain(spec.boot.uki.amd64!.replace(/^.*\//, ''));
    expect(readme).toContain(spec.flux.manifest.replace(/^.*\//, ''));
  });
});
