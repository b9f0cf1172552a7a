import { defineFault, type Place } from '../../core/fault.ts';

export interface PatchProblem {
  readonly place: Place;
  /** The document of the patch, and what is wrong there. */
  readonly message: string;
}

/** Talos would not take the patches; each problem with its place. */
export const patchRefused = defineFault<{ problems: readonly PatchProblem[] }>('talos/patch-refused', {
  kind: 'operator',
  exitCode: 4,
  title: ({ problems }) =>
    `The config patches cannot be applied: ${problems.map(({ place, message }) => `${at(place)}: ${message}`).join('; ')}`,
  state: () => 'No config was made, and no machine was changed.',
  remedy: () => 'Mend the patches at the places that are named and run the same command again.',
});

const at = ({ file, line, path }: Place): string =>
  `${file}${line === undefined ? '' : `:${line}`}${path === '' ? '' : ` ${path}`}`;
