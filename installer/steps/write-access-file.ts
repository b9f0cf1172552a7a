import { defineFault } from '../../core/fault.ts';
import { minutes } from '../../core/millis.ts';
import type { Files } from '../../core/ports.ts';
import { done, type Step, todo } from '../../core/step.ts';

export const fileInTheWay = defineFault<{ path: string }>('installer/file-in-the-way', {
  kind: 'operator',
  title: ({ path }) => `There is a file ${path} that is not of this cluster`,
  state: () => 'It was not touched.',
  remedy: ({ path }) => `Move ${path} away and run the same command again.`,
});

export interface WriteAccessFile {
  readonly what: 'kubeconfig' | 'talosconfig';
  readonly path: string;
  readonly after: readonly string[];
  readonly files: Pick<Files, 'readText' | 'mode' | 'writeAtomically'>;
  /** Whether a file's text belongs to this cluster: one of an earlier cluster of the same name does not. */
  readonly isCurrent: (text: string) => Promise<boolean>;
  readonly make: (signal: AbortSignal) => Promise<string>;
  readonly onWritten: (path: string) => void;
}

/** A file that opens the cluster: readable by its owner alone, whole or not at all. */
export function writeAccessFile({ what, path, after, files, isCurrent, make, onWritten }: WriteAccessFile): Step {
  return {
    id: what,
    title: `Write ${path}`,
    after,
    timeout: minutes(5),
    async check(past) {
      const text = await files.readText(path);
      if (text === undefined) return todo('it is not there');
      if (!(await isCurrent(text))) {
        if (!past.confirmed && !past.uncertain) throw fileInTheWay({ path });
        return todo('it opens something else');
      }
      return (await files.mode(path)) === 0o600 ? done : todo('others may read it');
    },
    async apply(signal) {
      await files.writeAtomically(path, await make(signal), 0o600);
      onWritten(path);
    },
  };
}
