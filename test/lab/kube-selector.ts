import { dig, type KubeObject } from '../../cluster/kube-object.ts';
import { badRequest } from './kube-status.ts';

export interface Selection {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** Whether an object is selected, by the grammar of label selectors and by equality of fields. */
export function selects({ namespace, labelSelector, fieldSelector }: Selection): (object: KubeObject) => boolean {
  const labels = splitTop(labelSelector ?? '').map(labelTest);
  const fields = splitTop(fieldSelector ?? '').map(fieldTest);
  return (object) =>
    (namespace === undefined || object.metadata.namespace === namespace) &&
    labels.every((test) => test(object.metadata.labels ?? {})) &&
    fields.every((test) => test(object));
}

/** At the commas that are not inside `in (a,b)`. */
const splitTop = (text: string) => text.split(/,(?![^(]*\))/).filter((part) => part.trim() !== '');

function labelTest(text: string): (labels: Readonly<Record<string, string>>) => boolean {
  const set = /^\s*(\S+)\s+(in|notin)\s+\(([^)]*)\)\s*$/.exec(text);
  if (set !== null) {
    const [, key = '', operator, list = ''] = set;
    const values = list.split(',').map((value) => value.trim());
    const isIn = (labels: Readonly<Record<string, string>>) => key in labels && values.includes(labels[key] ?? '');
    return operator === 'in' ? isIn : (labels) => !isIn(labels);
  }
  const equality = /^\s*([^\s=!]+)\s*(==|=|!=)\s*(\S*)\s*$/.exec(text);
  if (equality !== null) {
    const [, key = '', operator, value] = equality;
    return operator === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
  }
  const presence = /^\s*(!?)\s*([^\s=!]+)\s*$/.exec(text);
  if (presence === null) throw badRequest(`unable to parse requirement: ${text}`);
  const [, not, key = ''] = presence;
  return (labels) => key in labels === (not === '');
}

function fieldTest(text: string): (object: KubeObject) => boolean {
  const parsed = /^([^=!]+)(==|=|!=)(.*)$/.exec(text);
  if (parsed === null) throw badRequest(`invalid selector: '${text}'; can't understand '${text}'`);
  const [, path = '', operator, value = ''] = parsed;
  return (object) => {
    const found = dig(object, ...path.split('.'));
    return (typeof found === 'string' ? found === value : value === '') === (operator !== '!=');
  };
}
