import { defineFault } from '../../core/fault.ts';

export const checksFailed = defineFault<{ failed: readonly string[] }>('installer/checks-failed', {
  kind: 'operator',
  exitCode: 3,
  title: ({ failed }) => `The rack is not ready: ${failed.join('; ')}`,
  state: () => 'Nothing was written on any machine.',
  remedy: () =>
    'Mend what is named, or go on with --override CHECK=REASON (docs/checks.md), and run the same command again.',
});

export const machineUnfit = defineFault<{ name: string; failed: readonly string[] }>('installer/machine-unfit', {
  kind: 'operator',
  exitCode: 3,
  title: ({ name, failed }) => `${name} is not ready to be written: ${failed.join('; ')}`,
  state: ({ name }) => `Nothing was written on ${name}. Other machines go on.`,
  remedy: ({ name }) =>
    `Mend what is named, or go on with --override CHECK@${name}=REASON (docs/checks.md), and run the same command again.`,
});

export const overrideRefused = defineFault<{ text: string; why: string; allowed: string }>(
  'installer/override-refused',
  {
    kind: 'operator',
    exitCode: 4,
    title: ({ text, why }) => `--override ${text}: ${why}`,
    state: () => 'Nothing was started.',
    remedy: ({ allowed }) => allowed,
  },
);
