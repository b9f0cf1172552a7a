import type { ConfigReader } from './config-reader.ts';

/** The rules of Kubernetes for what a node carries (pkg/machinery/labels). */
export function checkLabels(main: ConfigReader, path: string): void {
  for (const { key, path: at } of main.below(path)) {
    if (!isQualifiedName(key)) main.refuse(at, 'is no name for a label');
    else if (!isLabelValue(main.text(at))) main.refuse(at, 'is no value for a label');
  }
}

export function checkAnnotations(main: ConfigReader, path: string): void {
  for (const { key, path: at } of main.below(path)) {
    if (!isQualifiedName(key)) main.refuse(at, 'is no name for an annotation');
  }
}

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** A value is `effect` or `value:effect`. */
export function checkTaints(main: ConfigReader, path: string): void {
  for (const { key, path: at } of main.below(path)) {
    const [, value, effect = ''] = /^(?:([^:]*):)?(.*)$/s.exec(main.text(at)) ?? [];
    if (!isQualifiedName(key)) main.refuse(at, 'is no name for a taint');
    else if (!effects.includes(effect)) main.refuse(at, `has no known effect; allowed: ${effects.join(', ')}`);
    else if (value !== undefined && !isLabelValue(value)) main.refuse(at, 'is no value for a taint');
  }
}

const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const qualifiedName = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

function isQualifiedName(text: string): boolean {
  const parts = text.split('/');
  const name = parts.pop() ?? '';
  const [prefix] = parts;
  if (parts.length > 1 || (prefix !== undefined && (prefix.length > 253 || !subdomain.test(prefix)))) return false;
  return name.length <= 63 && qualifiedName.test(name);
}

const isLabelValue = (text: string): boolean =>
  text.length <= 63 && /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/.test(text);
