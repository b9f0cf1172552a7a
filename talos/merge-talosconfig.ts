import { isMap, parseDocument } from 'yaml';
import { parseTalosconfig } from './parse-talosconfig.ts';
import { talosconfigInvalid } from './pki-faults.ts';
import { renderTalosconfig, type TalosconfigRequest, talosconfigContext } from './render-talosconfig.ts';

/**
 * An existing talosconfig with our context in it, and that one in use. All other contexts stay as they are, with their
 * comments. A context of our name is replaced when it is of the same authority; one of another cluster keeps its name,
 * and ours gets a number behind it, as `talosctl config merge` would give it. Fault `talos/talosconfig-invalid`.
 */
export function mergeTalosconfig(existing: string, ours: TalosconfigRequest): { text: string; context: string } {
  if (existing.trim() === '') return { text: renderTalosconfig(ours), context: ours.cluster };
  const { contexts } = parseTalosconfig(existing);
  const others = new Map(contexts.map(({ name, keys }) => [name, keys?.ca]));
  const isFree = (name: string) => !others.has(name) || others.get(name) === ours.keys.ca;
  let context = ours.cluster;
  for (let number = 1; !isFree(context); number += 1) context = `${ours.cluster}-${number}`;

  const document = parseDocument(existing, { logLevel: 'error' });
  if (!isMap(document.contents)) throw talosconfigInvalid({ reasons: ['it is no mapping'] });
  if (!isMap(document.get('contexts'))) document.set('contexts', document.createNode({}));
  document.set('context', context);
  document.setIn(['contexts', context], document.createNode(talosconfigContext(ours)));
  return { text: document.toString({ indent: 4, lineWidth: 0, flowCollectionPadding: false }), context };
}
