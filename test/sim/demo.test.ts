import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

it('a demo that is killed takes its command with it', async () => {
  const demo = spawn(process.execPath, [resolve('dist/bin/demo.js')], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = (await once(demo.stdout, 'data')) as [Buffer];
  expect(said.toString()).toContain('rackwright up rack.yaml');
  demo.kill('SIGKILL');
  // The command writes to the same pipe, which is at its end only when both have gone.
  demo.stdout.resume();
  await once(demo.stdout, 'end');
}, 60_000);
