import { dig, type KubeObject } from '../../cluster/kube-object.ts';

/** What the API server says of a CustomResourceDefinition whose kind it serves. */
export function establishedStatus(definition: KubeObject, now: string): object {
  const condition = (type: string, reason: string, message: string) => ({
    ...{ type, status: 'True', reason, message, lastTransitionTime: now },
  });
  return {
    acceptedNames: dig(definition, 'spec', 'names'),
    conditions: [
      condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
      condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
    ],
  };
}
