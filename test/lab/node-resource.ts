/** One COSI resource as a node shows it. */
export interface NodeResource {
  readonly namespace: string;
  readonly type: string;
  readonly id: string;
  /** Keys spelled as in Talos' own YAML, which the reply is written in. */
  readonly spec: object | string;
}

export function resource(namespace: string, type: string, id: string, spec: object | string): NodeResource {
  return { namespace, type, id, spec };
}
