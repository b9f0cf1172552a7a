import type { z } from 'zod';
import { defineFault } from '../../core/fault.ts';
import { hasSince, type TalosContract } from '../talos-contract.ts';
import type { DocumentKind } from './document-kind.ts';
import { kubernetesKinds } from './kubernetes-kinds.ts';
import { networkKinds } from './network-kinds.ts';
import { nodeKinds } from './node-kinds.ts';
import { storageKinds } from './storage-kinds.ts';

/** The kinds of documents that we make: from which Talos on each exists, and what may stand in it. */
export const documentKinds = { ...networkKinds, ...storageKinds, ...nodeKinds, ...kubernetesKinds };

export type DocumentKindName = keyof typeof documentKinds;
export type DocumentFields<Name extends DocumentKindName> = z.input<(typeof documentKinds)[Name]['schema']>;

/** One document of a machine config as plain values. The main one has no kind; kinds that we do not know are as welcome. */
export type PlainDocument = Readonly<Record<string, unknown>>;

const tooNew = defineFault<{ kind: string; contract: TalosContract; what: readonly string[] }>(
  'talos/document-too-new',
  {
    kind: 'operator',
    exitCode: 4,
    title: ({ kind, contract, what }) => `${kind} cannot be in a config for Talos ${contract}: ${what.join(', ')}`,
    state: () => 'No config was made, and nothing was sent to any machine.',
    remedy: () => 'Leave it out, or use a Talos release that has it.',
  },
);

const malformed = defineFault<{ kind: string; problems: readonly string[] }>('talos/document-malformed', {
  kind: 'operator',
  exitCode: 4,
  title: ({ kind, problems }) => `${kind} cannot be made: ${problems.join('; ')}`,
  state: () => 'No config was made, and nothing was sent to any machine.',
  remedy: () => 'Correct what the message names.',
});

/**
 * A document of this kind for machines of this contract. Faults `talos/document-too-new`, when the kind or one of the
 * fields came later than the contract, and `talos/document-malformed`.
 */
export function configDocument<Name extends DocumentKindName>(
  contract: TalosContract,
  kind: Name,
  fields: DocumentFields<Name>,
): PlainDocument {
  const { schema } = documentKinds[kind];
  const read = schema.safeParse(fields);
  if (!read.success) {
    const problems = read.error.issues.map(({ path, message }) => `${path.join('.') || 'the document'}: ${message}`);
    throw malformed({ kind, problems });
  }
  const what = newerThan(contract, kind, fields);
  if (what.length > 0) throw tooNew({ kind, contract, what });
  return { apiVersion: 'v1alpha1', kind, ...fields };
}

/** What of this document a Talos of this contract does not know: each with the contract that it came with. */
function newerThan(contract: TalosContract, kind: DocumentKindName, fields: object): string[] {
  const { since, fieldsSince }: DocumentKind = documentKinds[kind];
  if (!hasSince(contract, since)) return [`the kind came with ${since}`];
  return Object.entries(fieldsSince)
    .filter(([path, fieldSince]) => !hasSince(contract, fieldSince) && holds(fields, path))
    .map(([path, fieldSince]) => `${path} came with ${fieldSince}`);
}

/** Whether there is something at the path; lists on the way are looked through. */
function holds(node: unknown, path: string): boolean {
  if (Array.isArray(node)) return node.some((item) => holds(item, path));
  const [, key = '', rest] = /^([^.=]+)(?:[.=](.+))?$/.exec(path) ?? [];
  if (typeof node !== 'object' || node === null) return node === path;
  const value = (node as Record<string, unknown>)[key];
  return rest === undefined ? value !== undefined : holds(value, rest);
}
