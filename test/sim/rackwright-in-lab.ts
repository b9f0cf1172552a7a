import { parseArgs } from 'node:util';
import { nodeWorld } from '../../bin/node-world.ts';
import { runCli } from '../../bin/run-cli.ts';
import type { World } from '../../bin/world.ts';
import { followTime } from '../lab/follow-time.ts';

/**
 * The real command in a faster world: `rackwright-in-lab [--kill-after 7] -- up rack.yaml`. Only the ports differ: the
 * clock is the one that the simulated rack shares (test/lab/shared-time.ts), and the process is killed, as by a power cut,
 * the moment after so many journal records are on the disk; with `--news-only` those are counted of which the journal held
 * none of that kind and step before.
 */
const { values, positionals } = parseArgs({
  options: { 'kill-after': { type: 'string' }, 'news-only': { type: 'boolean', default: false } },
  allowPositionals: true,
});

let records = 0;
let known: Set<string> | undefined;
const kindOf = (line: string) => {
  const { type, step = '' } = (JSON.parse(line) as { record: { type: string; step?: string } }).record;
  return `${type} ${step}`;
};
const world: World = {
  ...nodeWorld,
  clock: await followTime(),
  // The clock of this computer is not the one of the rack.
  host: { ...nodeWorld.host, isClockSynchronized: async () => true },
  files: {
    ...nodeWorld.files,
    async appendDurably(path, text) {
      const isJournal = path.endsWith('/journal.jsonl');
      if (isJournal && values['news-only'] && known === undefined) {
        const lines = ((await nodeWorld.files.readText(path)) ?? '').split('\n');
        known = new Set(lines.filter((line) => line !== '').map(kindOf));
      }
      await nodeWorld.files.appendDurably(path, text);
      if (isJournal && known?.has(kindOf(text)) !== true && ++records === Number(values['kill-after'])) {
        process.kill(process.pid, 'SIGKILL');
      }
    },
  },
};

process.exit(await runCli(positionals, world));
