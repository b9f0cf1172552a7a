import { statfs } from 'node:fs/promises';
import { portHolder } from './port-holder.ts';

/** What only this host can tell; what it does not tell is absent. Linux. */
export const readHost = {
  portHolder,

  /** The text of `nft -j list ruleset`. */
  nftRuleset: () => outputOf('nft', ['-j', 'list', 'ruleset']),

  async freeBytes(path: string): Promise<number | undefined> {
    const about = await statfs(path).catch(() => undefined);
    return about === undefined ? undefined : about.bavail * about.bsize;
  },

  /** What systemd knows of the clock. */
  async isClockSynchronized(): Promise<boolean | undefined> {
    const said = await outputOf('timedatectl', ['show', '--property=NTPSynchronized', '--value']);
    return said === 'yes' || said === 'no' ? said === 'yes' : undefined;
  },
};

export type ReadHost = typeof readHost;

/** What a program of the system prints; `undefined` when it is not there, fails, or takes too long. */
async function outputOf(program: string, args: readonly string[]): Promise<string | undefined> {
  const { execa } = await import('execa');
  const { failed, stdout } = await execa(program, args, { reject: false, timeout: 5000, stdin: 'ignore' });
  return failed ? undefined : stdout.trim();
}
