import { defineFault } from '../core/fault.ts';

/** A file that was named on the command line. */
export const fileMissing = defineFault<{ path: string }>('bin/file-missing', {
  kind: 'operator',
  exitCode: 4,
  title: ({ path }) => `There is no file ${path}`,
  state: () => 'Nothing was started.',
  remedy: () => 'Give the path of a file that is there.',
});
