import type { MachineSpec } from '../core/rack-spec.ts';

/**
 * What fails together, as labels of the node. Kubelets may give themselves this one of Kubernetes' own labels, and all
 * that are not Kubernetes' (admission plugin NodeRestriction).
 */
export function failureDomainLabels({ failureDomain }: MachineSpec): Readonly<Record<string, string>> {
  if (failureDomain === undefined) return {};
  const { rack, pdu } = failureDomain;
  const zone = rack ?? pdu;
  return {
    ...(zone === undefined ? {} : { 'topology.kubernetes.io/zone': zone }),
    ...(pdu === undefined ? {} : { 'rackwright.dev/pdu': pdu }),
  };
}
