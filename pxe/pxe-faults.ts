import { defineFault } from '../core/fault.ts';

export const ukiMissing = defineFault<{ architecture: string; path: string }>('pxe/uki-missing', {
  kind: 'operator',
  exitCode: 4,
  title: ({ architecture, path }) => `The Talos UKI for ${architecture} is not there: ${path}`,
  state: () => 'No boot service was started; no machine was answered.',
  remedy: ({ path }) =>
    `Put the UKI of your Talos version at ${path}, or change boot.uki in the rack file to where it is.`,
});
