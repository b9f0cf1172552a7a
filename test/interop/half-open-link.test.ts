import { resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from '../firmware/run-command.ts';
import { RunningProgram } from '../firmware/running-program.ts';

const mine = `e-${process.pid}-me`;
const theirs = `e-${process.pid}-them`;
let programs: RunningProgram[] = [];

const ip = (words: string) => runCommand('ip', words.split(' '));
const run = (host: string, program: string, ...args: string[]) => {
  const running = new RunningProgram('setpriv', [
    ...`--pdeathsig KILL ip netns exec ${host} ${process.execPath}`.split(' '),
    resolve('test/interop', program),
    ...args,
  ]);
  programs.push(running);
  return running;
};
const prints = (text: string) => (printed: string) => (printed.includes(text) ? true : undefined);

/** Two hosts on one cable; a Talos API on the other one. */
beforeEach(async () => {
  for (const host of [mine, theirs]) await ip(`netns add ${host}`);
  await ip(`-n ${mine} link add eth0 type veth peer name eth0 netns ${theirs}`);
  await ip(`-n ${mine} address add 10.99.0.1/24 dev eth0`);
  await ip(`-n ${theirs} address add 10.99.0.2/24 dev eth0`);
  for (const host of [mine, theirs]) for (const link of ['lo', 'eth0']) await ip(`-n ${host} link set ${link} up`);
  await run(theirs, 'talos-server-program.ts', '10.99.0.2').until('the server', 20_000, prints('serves'));
});
afterEach(async () => {
  await Promise.all(programs.map((program) => program.stop()));
  programs = [];
  for (const host of [mine, theirs]) await ip(`netns delete ${host}`);
});

describe('a stream of events over a link whose other end is gone without a word', () => {
  it.each([
    ['that is quiet', 'nothing'],
    ['on which a call was under way, which the kernel sends again and again', 'calls'],
  ])('breaks off within 20 seconds %s', async (_, calls) => {
    const watcher = run(mine, 'talos-watch-program.ts', '10.99.0.2', calls);
    await watcher.until('the watcher', 20_000, prints('hears address'));
    await ip(`-n ${theirs} link set eth0 down`);
    expect(await watcher.until('the stream', 20_000, prints('broke off: talos/unreachable'))).toBe(true);
  });
});
