import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { buildGo } from './build-go.ts';
import type { Heard } from './start-talos-node.ts';

export interface InstallingNode {
  /** Ends it, and gives every request that it got, in order. */
  stop(): Promise<readonly Heard[]>;
}

/**
 * The Go node on port 50000 of a loopback address: it waits in maintenance mode, takes a config that Talos' own code finds
 * valid, comes back with a certificate of the config's authority and lets only that authority's clients in.
 */
export async function startInstallingNode(address: string): Promise<InstallingNode> {
  const child = spawn(await buildGo('talos-node'), { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  child.stdin.write(`${JSON.stringify({ address })}\n`);
  const heard: Heard[] = [];
  const isUp = Promise.withResolvers<undefined>();
  const lines = createInterface(child.stdout);
  const isTold = once(lines, 'close');
  lines.on('line', (line) => {
    if (line.startsWith('{')) heard.push(JSON.parse(line) as Heard);
    else isUp.resolve(undefined);
  });
  await Promise.race([isUp.promise, ended.then(() => Promise.reject(new Error(`no node on ${address}`)))]);
  return {
    async stop() {
      child.stdin.end();
      await Promise.all([ended, isTold]);
      return heard;
    },
  };
}
