import { createHmac } from 'node:crypto';
import type { Random } from '../../core/ports.ts';
import { identityOf, titleOf } from '../document/config-document.ts';
import { parseDocuments } from '../document/parse-documents.ts';
import { type TalosContract } from '../talos-contract.ts';
import { type ConfigValue, configValues } from './config-values.ts';
import { configUnreadable } from './diff-faults.ts';

/** One value that is not the same in two configs. A secret shows as `(secret 1a2b3c4d)`. */
export interface ConfigChange {
  /** `main`, or kind and name. */
  readonly document: string;
  /** Keys with dots, items in brackets. */
  readonly path: string;
  /** Absent when the value is new. */
  readonly before?: string;
  /** Absent when the value is gone. */
  readonly after?: string;
}

/**
 * What differs between two configs of a minor, document by document, in the order of the first. Secrets, and all values
 * of kinds that are not known, show as fingerprints with a key of this one call: equal within one diff when they are
 * equal, and of no use for guessing. Fault `talos/config-unreadable`.
 */
export function diffConfigs(
  before: string,
  after: string,
  { minor, random }: { minor: TalosContract; random: Random },
): ConfigChange[] {
  const key = random.bytes(32);
  const show = ({ text, isSecret }: ConfigValue) =>
    isSecret ? `(secret ${createHmac('sha256', key).update(text).digest('hex').slice(0, 8)})` : text;
  const [old, now] = [before, after].map((text) => readValues(text, minor)) as [Documents, Documents];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((document) => {
    const [left, right] = [old.get(document), now.get(document)];
    const paths = new Set([...(left?.values.keys() ?? []), ...(right?.values.keys() ?? [])]);
    return [...paths].flatMap((path): ConfigChange[] => {
      const [one, other] = [left?.values.get(path), right?.values.get(path)];
      if (one?.text === other?.text) return [];
      return [
        {
          document: (left ?? right)?.title ?? '',
          path,
          ...(one === undefined ? {} : { before: show(one) }),
          ...(other === undefined ? {} : { after: show(other) }),
        },
      ];
    });
  });
}

type Documents = ReadonlyMap<string, { readonly title: string; readonly values: ReadonlyMap<string, ConfigValue> }>;

function readValues(text: string, minor: TalosContract): Documents {
  const { documents, problems } = parseDocuments(text);
  if (problems.length > 0) throw configUnreadable({ problems });
  return new Map(
    documents.map((document) => [
      identityOf(document),
      { title: titleOf(document), values: configValues(document, minor) },
    ]),
  );
}
