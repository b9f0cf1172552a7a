import { defineFault } from '../core/fault.ts';

export const ukiMissing = defineFault<{ architecture: string; path: string }>('pxe/uki-missing', {
  kind: 'operator',
  exitCode: 4,
  title: ({ architecture, path }) => `The Talos UKI for ${architecture} is not there: ${path}`,
  state: () => 'No boot service was started; no machine was answered.',
  remedy: ({ path }) =>
    `Put the UKI of your Talos version at ${path}, or change boot.uki in the rack file to where it is.`,
});

const nothingServed = () => 'No boot service was started; no machine was answered.';

export const interfaceRefused = defineFault<{ name: string; why: 'default-route' | 'wireless' }>(
  'pxe/interface-refused',
  {
    kind: 'operator',
    exitCode: 4,
    title: ({ name, why }) =>
      why === 'wireless'
        ? `${name} is wireless: boots are not answered there`
        : `${name} is the way to other networks (it has the default route): boots are not answered there`,
    state: nothingServed,
    remedy: ({ name }) =>
      `Name the interface of the provisioning network in the rack file; or, when ${name} is it, allow it with --allow-interface ${name}.`,
  },
);

export const interfacesIndistinct = defineFault<{ names: readonly string[] }>('pxe/interfaces-indistinct', {
  kind: 'operator',
  exitCode: 4,
  title: ({ names }) => `Broadcasts on ${names.join(' and ')} cannot be told apart by this process`,
  state: nothingServed,
  remedy: () =>
    'Install the optional package koffi (npm install), or start Rackwright by its systemd socket units (docs/privileges.md), or serve one interface.',
});
