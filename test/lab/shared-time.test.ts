import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { seconds } from '../../core/millis.ts';
import { type SharedTime, shareTime } from './shared-time.ts';

const shared = new Set<SharedTime>();
const started = new Set<ChildProcess>();
const share = (speed: number) => {
  const time = shareTime({ speed });
  shared.add(time);
  return time;
};
/** A process that joins, once it is told to, and says how late it is when so much of its time has passed. */
const follower = (script: string) => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  started.add(child);
  return child;
};
const follow = `import { followTime } from ${JSON.stringify(resolve('test/lab/follow-time.ts'))};`;

afterEach(async () => {
  for (const child of started) child.kill('SIGKILL');
  await Promise.all([...shared].map((time) => time.close()));
  started.clear();
  shared.clear();
});

describe('shared time', () => {
  it('goes on alone, faster than ours', async () => {
    const { clock } = share(1000);
    await clock.sleep(seconds(30));
    expect(clock.monotonic()).toBeGreaterThanOrEqual(30_000);
  });

  it('waits for a process that joins until it has started, and for each of its turns', async () => {
    const time = share(100);
    await time.clock.sleep(seconds(1));
    const before = time.clock.monotonic();
    // Blocks its event loop for so long that time would be minutes ahead if it did not wait.
    const child = follower(`${follow}
      const clock = await followTime();
      const begun = clock.monotonic();
      const until = performance.now() + 500;
      while (performance.now() < until);
      await clock.sleep(1000);
      process.send({ begun, end: clock.monotonic() });
      setInterval(() => undefined, 1000);`);
    time.join(child);
    const said = await new Promise<{ begun: number; end: number }>((resolve) => {
      child.on('message', (message: unknown) => {
        if (typeof message === 'object') resolve(message as { begun: number; end: number });
      });
    });
    expect(said.begun - before).toBeLessThanOrEqual(800);
    expect(said.end - said.begun).toBeLessThanOrEqual(2000);
  });

  it('does not wait for a process that was killed', async () => {
    const time = share(100);
    const child = follower(`${follow} await followTime(); setInterval(() => undefined, 1000);`);
    time.join(child);
    await once(child, 'message');
    child.kill('SIGKILL');
    await time.clock.sleep(seconds(60));
    expect(time.clock.monotonic()).toBeGreaterThanOrEqual(60_000);
  });

  it('lets a process end that is left alone', async () => {
    const child = follower(`${follow} await followTime();`);
    await once(child, 'message');
    child.disconnect();
    expect(await once(child, 'exit')).toEqual([1, null]);
  });

  it('refuses to stand still', () => {
    expect(() => shareTime({ speed: 0 })).toThrow(RangeError);
  });
});
