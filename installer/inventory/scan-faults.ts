import { defineFault } from '../../core/fault.ts';

export const scanInvalid = defineFault<{ range: string }>('installer/scan-invalid', {
  kind: 'operator',
  exitCode: 4,
  title: ({ range }) => `--scan ${range}: this is no IPv4 subnet`,
  state: () => 'Nothing was asked of any machine.',
  remedy: () => 'Name a subnet such as 10.0.0.0/24.',
});

export const scanUnconfirmed = defineFault<{ range: string; count: number; why: 'public' | 'large' }>(
  'installer/scan-unconfirmed',
  {
    kind: 'operator',
    exitCode: 3,
    title: ({ range, count, why }) =>
      why === 'public'
        ? `--scan ${range}: these addresses are public, and may be of machines that are not yours`
        : `--scan ${range}: these are ${count} addresses, more than a rack has`,
    state: () => 'Nothing was asked of any machine.',
    remedy: ({ range }) => `Name a smaller, private subnet; or, to go through all of it, add --confirm-scan ${range}`,
  },
);

export const scanTooLarge = defineFault<{ range: string; count: number; most: number }>('installer/scan-too-large', {
  kind: 'operator',
  exitCode: 4,
  title: ({ range, count, most }) => `--scan ${range}: ${count} addresses are too many; allowed: at most ${most}`,
  state: () => 'Nothing was asked of any machine.',
  remedy: () => 'Name a smaller subnet, or several.',
});
