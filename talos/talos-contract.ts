import { defineFault } from '../core/fault.ts';
import { supportedTalosMinors } from '../core/rack-spec.ts';

/**
 * The version contracts whose machine configs we know: what a Talos of this minor writes and reads. A machine refuses
 * what is newer than itself, so its config is made for the contract of the release that it runs.
 */
export const talosContracts = supportedTalosMinors;
export type TalosContract = (typeof talosContracts)[number];

const unknownContract = defineFault<{ version: string }>('talos/contract-unknown', {
  kind: 'operator',
  exitCode: 4,
  title: ({ version }) => `No machine config can be made for Talos ${version}`,
  state: () => 'No config was made, and nothing was sent to any machine.',
  remedy: () => `Use a Talos release of ${talosContracts.join(', ')}.`,
});

/** The contract of a release such as `v1.13.9` or `v1.14.0-rc.1`. Fault `talos/contract-unknown`. */
export function contractOf(version: string): TalosContract {
  const contract = findContract(version);
  if (contract === undefined) throw unknownContract({ version });
  return contract;
}

/** The same, or `undefined` for a release that is not known. */
export function findContract(version: string): TalosContract | undefined {
  const minor = /^v\d+\.\d+(?=\.\d)/.exec(version)?.[0];
  return talosContracts.find((known) => known === minor);
}

/** Whether a Talos of this contract has what came with `since`. */
export const hasSince = (contract: TalosContract, since: TalosContract): boolean =>
  talosContracts.indexOf(contract) >= talosContracts.indexOf(since);
