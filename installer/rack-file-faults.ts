import { defineFault } from '../core/fault.ts';

export const rackFileMissing = defineFault<{ file: string }>('installer/rack-file-missing', {
  kind: 'operator',
  exitCode: 4,
  title: ({ file }) => `There is no rack file ${file}`,
  state: () => 'Nothing was started.',
  remedy: () => 'Give the path of a rack file; examples/three-nodes/rack.yaml shows a complete one.',
});

export const rackFileInvalid = defineFault<{ file: string; problems: readonly string[] }>(
  'installer/rack-file-invalid',
  {
    kind: 'operator',
    exitCode: 4,
    title: ({ file, problems }) =>
      `${file} has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${problems.map((one) => `  ${one}`).join('\n')}`,
    state: () => 'Nothing was started.',
    remedy: () => 'Mend the places named above and run the same command again.',
  },
);
