import { lockDirectory } from './platform/lock-directory.ts';
import { nodeClock } from './platform/node-clock.ts';
import { nodeFiles } from './platform/node-files.ts';
import { nodeNetwork } from './platform/node-network.ts';
import { nodeRandom } from './platform/node-random.ts';
import type { World } from './world.ts';

/** The real world, as this process sees it. */
export const nodeWorld: World = {
  network: nodeNetwork,
  files: nodeFiles,
  clock: nodeClock,
  random: nodeRandom,
  env: process.env,
  workingDirectory: process.cwd(),
  out: process.stdout,
  err: process.stderr,
  input: process.stdin,
  lock: lockDirectory,
  onInterrupt(callback) {
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    for (const signal of signals) process.on(signal, callback);
    return () => {
      for (const signal of signals) process.off(signal, callback);
    };
  },
  exit: (code) => process.exit(code),
};
