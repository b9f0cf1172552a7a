import { parseArgs } from 'node:util';
import { nodeWorld } from '../../bin/node-world.ts';
import { runCli } from '../../bin/run-cli.ts';
import type { World } from '../../bin/world.ts';
import { scaledClock } from '../lab/scaled-clock.ts';

/**
 * The real command in a faster world: `rackwright-in-lab --speed 20 [--kill-after 7] -- up rack.yaml`. Only the ports
 * differ: the clock runs at the pace of the simulated rack, and the process is killed, as by a power cut, the moment
 * after so many journal records are on the disk.
 */
const { values, positionals } = parseArgs({
  options: { speed: { type: 'string' }, 'kill-after': { type: 'string' } },
  allowPositionals: true,
});

let records = 0;
const world: World = {
  ...nodeWorld,
  clock: scaledClock(nodeWorld.clock, Number(values.speed ?? 1)),
  files: {
    ...nodeWorld.files,
    async appendDurably(path, text) {
      await nodeWorld.files.appendDurably(path, text);
      if (path.endsWith('/journal.jsonl') && ++records === Number(values['kill-after'])) {
        process.kill(process.pid, 'SIGKILL');
      }
    },
  },
};

process.exit(await runCli(positionals, world));
