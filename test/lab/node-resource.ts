import { stringify } from 'yaml';

/** One COSI resource as a node shows it; `spec` becomes the YAML of the reply. */
export interface NodeResource {
  readonly namespace: string;
  readonly type: string;
  readonly id: string;
  readonly spec: string;
}

export function resource(namespace: string, type: string, id: string, spec: object | string): NodeResource {
  return { namespace, type, id, spec: stringify(spec) };
}
