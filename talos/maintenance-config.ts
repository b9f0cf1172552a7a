import type { ConfigPatchSpec } from '../core/rack-spec.ts';
import { patchText } from './config-patches.ts';
import { checkFields } from './document/check-fields.ts';
import { type ConfigProblem, titleOf } from './document/config-document.ts';
import { parseDocuments } from './document/parse-documents.ts';
import { contractOf } from './talos-contract.ts';

/**
 * Kinds that a machine may start with before anybody has looked at its disks: they set up links, addresses, names and time,
 * say where logs go and whom to trust. None of them writes a disk, runs a program, or hands the machine to somebody else;
 * whatever else Talos knows, volumes and unattended installs among it, is refused.
 */
const allowedKinds: ReadonlySet<string> = new Set([
  'BlackholeRouteConfig',
  'BondConfig',
  'BridgeConfig',
  'DHCPv4Config',
  'DHCPv6Config',
  'DummyLinkConfig',
  'EthernetConfig',
  'HostnameConfig',
  'KmsgLogConfig',
  'LinkAliasConfig',
  'LinkConfig',
  'ResolverConfig',
  'RoutingRuleConfig',
  'StaticHostConfig',
  'TimeSyncConfig',
  'TrustedRootsConfig',
  'VLANConfig',
  'VRFConfig',
]);

/** The documents as one text, in their order. */
export const renderMaintenanceConfig = (parts: readonly ConfigPatchSpec[]): string =>
  parts.map((part) => `${patchText(part).trimEnd()}\n`).join('---\n');

/**
 * What keeps documents from being the config of a machine in maintenance mode: what Talos would refuse, a document that is
 * there twice, the main document (with it Talos would install by itself), and kinds that do more than they may before the
 * disks of the machine were shown to anybody. Quotes no value.
 */
export function checkMaintenanceConfig(
  parts: readonly ConfigPatchSpec[],
  talosVersion: string,
): readonly ConfigProblem[] {
  const minor = contractOf(talosVersion);
  const { documents, problems } = parseDocuments(renderMaintenanceConfig(parts));
  return [
    ...problems,
    ...documents.flatMap((document): ConfigProblem[] => {
      const line = document.lineOf(document.root);
      const refuse = (message: string): ConfigProblem[] => [
        { document: titleOf(document), path: '', ...(line === undefined ? {} : { line }), message },
      ];
      if (document.kind === '') return refuse('is what installs a machine, which only an approved plan may');
      if (allowedKinds.has(document.kind)) return checkFields(document, minor);
      return refuse(`is not for a machine in maintenance mode; allowed: ${[...allowedKinds].join(', ')}`);
    }),
  ];
}
