import { askHttp } from './platform/ask-http.ts';
import { knockUdp } from './platform/knock-udp.ts';
import { nodeLargeFiles } from './platform/large-files.ts';
import { lockDirectory, writerOf } from './platform/lock-directory.ts';
import { nodeClock } from './platform/node-clock.ts';
import { nodeFiles } from './platform/node-files.ts';
import { nodeNetwork } from './platform/node-network.ts';
import { nodeRandom } from './platform/node-random.ts';
import { openHttp } from './platform/open-http.ts';
import { readHost } from './platform/read-host.ts';
import type { World } from './world.ts';

/** The real world, as this process sees it. */
export const nodeWorld: World = {
  network: nodeNetwork,
  host: readHost,
  files: nodeFiles,
  clock: nodeClock,
  random: nodeRandom,
  askHttp,
  knockUdp,
  openHttp,
  largeFiles: nodeLargeFiles,
  env: process.env,
  workingDirectory: process.cwd(),
  out: process.stdout,
  err: process.stderr,
  input: process.stdin,
  lock: lockDirectory,
  writerOf,
  onInterrupt(callback) {
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    for (const signal of signals) process.on(signal, callback);
    return () => {
      for (const signal of signals) process.off(signal, callback);
    };
  },
  exit: (code) => process.exit(code),
};
