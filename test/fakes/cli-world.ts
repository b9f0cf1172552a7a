import { Writable } from 'node:stream';
import type { World } from '../../bin/world.ts';
import { trueRandom } from '../../talos/testing/true-random.ts';
import { MemoryFiles } from './memory-files.ts';
import { VirtualClock } from './virtual-clock.ts';

/** A world for commands that work on files alone, and what they have said in it. What else they ask for is an error. */
export class CliWorld implements World {
  readonly files = new MemoryFiles();
  readonly clock = new VirtualClock();
  readonly askHttp = () => Promise.reject(new Error('there is no network'));
  readonly knockUdp = async () => 'silent' as const;
  readonly openHttp = () => Promise.reject(new Error('there is no network'));
  readonly largeFiles = { append: absent, rename: absent, remove: absent };
  readonly random = trueRandom;
  readonly network = { interfaces: () => [], openUdp: absent, serveHttp: absent };
  readonly host = {
    portHolder: absent,
    nftRuleset: absent,
    freeBytes: absent,
    isClockSynchronized: async (): Promise<boolean | undefined> => undefined,
  };
  readonly env = { HOME: '/home', LANG: 'C.UTF-8' };
  readonly workingDirectory = '/work';
  readonly input = process.stdin;
  readonly said = { out: '', err: '' };
  readonly out = this.#collect('out');
  readonly err = this.#collect('err');

  lock = async () => ({
    writer: { fence: () => 1, isCurrent: async () => true, raise: async () => undefined },
    release: async () => undefined,
  });
  writerOf = async () => undefined;
  onInterrupt = () => () => undefined;
  exit = absent;

  #collect(to: 'out' | 'err'): Writable {
    return new Writable({
      write: (chunk: Buffer, _, done) => {
        this.said[to] += chunk.toString();
        done();
      },
    });
  }
}

function absent(): never {
  throw new Error('nobody was to ask for this');
}
