import type { Node } from 'yaml';
import { type ConfigDocument, type ConfigProblem, nodeAt, textOf, titleOf } from '../document/config-document.ts';
import { hasSince, type TalosContract } from '../talos-contract.ts';

/** Kinds of which only one may have the same name, and the minor since which Talos says so. */
const rivals: readonly { readonly since: TalosContract; readonly kinds: readonly string[] }[] = [
  { since: 'v1.11', kinds: ['UserVolumeConfig', 'ExistingVolumeConfig'] },
  { since: 'v1.12', kinds: ['Layer2VIPConfig', 'HCloudVIPConfig'] },
  {
    since: 'v1.12',
    kinds: ['BondConfig', 'BridgeConfig', 'DummyLinkConfig', 'LinkConfig', 'VLANConfig', 'WireguardConfig'],
  },
  {
    since: 'v1.13',
    kinds: [
      'BondConfig',
      'BridgeConfig',
      'DummyLinkConfig',
      'LinkConfig',
      'VLANConfig',
      'VRFConfig',
      'WireguardConfig',
    ],
  },
  {
    since: 'v1.14',
    kinds: [
      'BondConfig',
      'BridgeConfig',
      'DummyLinkConfig',
      'LinkConfig',
      'VethConfig',
      'VLANConfig',
      'VRFConfig',
      'WireguardConfig',
    ],
  },
];

/** Documents that claim the same thing: Talos does not even load them together (config/container). */
export function checkConflicts(documents: readonly ConfigDocument[], minor: TalosContract): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  for (const { since, kinds } of rivals) {
    if (!hasSince(minor, since)) continue;
    const claims = new Map<string, ConfigDocument>();
    for (const document of documents.filter(({ kind }) => kinds.includes(kind))) {
      for (const name of namesOf(document)) {
        const first = claims.get(name);
        if (first === undefined) claims.set(name, document);
        else if (!problems.some((one) => one.document === titleOf(document))) problems.push(conflict(document, first));
      }
    }
  }
  return problems;
}

/** A pair of virtual links claims the names of both ends. */
function namesOf({ kind, name, root }: ConfigDocument): string[] {
  const peer: Node | undefined = kind === 'VethConfig' ? nodeAt(root, 'peer', 'name') : undefined;
  return peer === undefined ? [name] : [name, textOf(peer)];
}

function conflict(document: ConfigDocument, first: ConfigDocument): ConfigProblem {
  const line = document.lineOf(document.root);
  return {
    document: titleOf(document),
    path: 'name',
    ...(line === undefined ? {} : { line }),
    message: `conflicts with ${titleOf(first)}`,
  };
}
