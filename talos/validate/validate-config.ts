import type { TalosObservation } from '../../core/machine.ts';
import { checkFields } from '../document/check-fields.ts';
import type { ConfigProblem } from '../document/config-document.ts';
import { parseDocuments } from '../document/parse-documents.ts';
import { findContract, type TalosContract, talosContracts } from '../talos-contract.ts';
import { checkConflicts } from './check-conflicts.ts';
import { checkCrossDocuments } from './check-cross-documents.ts';
import { checkHostname } from './check-hostname.ts';
import { checkInventory, madeLinksOf } from './check-inventory.ts';
import { checkMainDocument } from './check-main-document.ts';
import { checkOverlaps } from './check-overlaps.ts';
import { readerOf } from './config-reader.ts';

export interface ValidationOptions {
  /** The version contract that the config was made for. */
  readonly minor: TalosContract;
  /** False for a machine that Talos is installed on: it may leave out where to install. True when left out. */
  readonly needsInstall?: boolean;
  /** The machine that the config is for, as it was seen last. */
  readonly machine?: TalosObservation;
}

/**
 * Everything that Talos would refuse in a config, before it is sent, with the place of each problem; empty when it
 * would be taken. With a machine also: a contract newer than what runs there, and disks and links that it does not
 * have. Documents of a kind that no known minor has are left to Talos. Quotes no secret.
 */
export function validateConfig(text: string, options: ValidationOptions): readonly ConfigProblem[] {
  const { minor, needsInstall = true, machine } = options;
  const parsed = parseDocuments(text);
  const problems: ConfigProblem[] = [...parsed.problems];
  const { documents } = parsed;
  if (machine !== undefined) checkContract(minor, machine, problems);
  for (const document of documents) problems.push(...checkFields(document, minor));
  problems.push(...checkConflicts(documents, minor));
  const read = documents.map((document) => ({ kind: document.kind, reader: readerOf(document, minor, problems) }));
  const main = read.find(({ kind }) => kind === '')?.reader;
  if (main === undefined)
    problems.push({ document: 'main', path: '', message: 'is missing: the machine would stay in maintenance' });
  else {
    checkMainDocument(main, { needsInstall });
    checkCrossDocuments(main, read, minor);
  }
  const madeLinks = madeLinksOf(documents);
  for (const { kind, reader } of read) {
    if (kind === 'HostnameConfig') checkHostname(reader);
    if (main !== undefined && kind !== '') checkOverlaps(main, reader, kind);
    if (machine !== undefined) checkInventory(reader, kind, machine, { needsInstall, madeLinks });
  }
  return problems;
}

function checkContract(minor: TalosContract, machine: TalosObservation, problems: ConfigProblem[]): void {
  const running = findContract(machine.version);
  if (running === undefined || talosContracts.indexOf(minor) <= talosContracts.indexOf(running)) return;
  const message = `the config is for Talos ${minor}, which is newer than ${machine.version} that runs on the machine`;
  problems.push({ document: 'main', path: '', message });
}
