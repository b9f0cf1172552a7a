import { describe, expect, it } from 'vitest';
import { CliWorld } from '../test/fakes/cli-world.ts';
import { runCli } from './run-cli.ts';

describe('rackwright schema', () => {
  it('prints the JSON Schema of the rack file and nothing else', async () => {
    const world = new CliWorld();
    expect(await runCli(['schema'], world)).toBe(0);
    expect(JSON.parse(world.said.out)).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'Rackwright rack file',
      required: expect.arrayContaining(['apiVersion', 'kind', 'name', 'talos']) as string[],
    });
    expect(world.said.err).toBe('');
  });
});
