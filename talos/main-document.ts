import { clusterConfig, controlPlaneClusterConfig, etcdConfig, kubeletSubnets } from './cluster-config.ts';
import type { PlainDocument } from './document-builder/config-document.ts';
import { installDiskSelector } from './install-disk-selector.ts';
import { installerImage } from './installer-image.ts';
import { kubePrismPort, withoutLoadBalancers } from './kubernetes-defaults.ts';
import { kubernetesImages } from './kubernetes-images.ts';
import type { MachineConfigRequest } from './machine-config-request.ts';
import { networkSections } from './network-documents.ts';
import { failureDomainLabels } from './node-labels.ts';
import { encodePem } from './pem-base64.ts';
import { mirrorSections } from './registry-mirrors.ts';
import { hasSince, type TalosContract } from './talos-contract.ts';

/** The document without a kind: everything in 1.11, and in 1.14 what a machine needs to be one of its cluster. */
export function mainDocument(contract: TalosContract, request: MachineConfigRequest): PlainDocument {
  const { spec, machine, secrets } = request;
  const isControlPlane = machine.role === 'controlplane';
  const identity = {
    type: machine.role,
    token: secrets.trustdToken,
    // A worker gets its certificate from a control plane, and must not hold the authority's key.
    ca: { crt: encodePem(secrets.osCa.crt), key: isControlPlane ? encodePem(secrets.osCa.key) : '' },
    certSANs: [machine.address],
  };
  const head = { version: 'v1alpha1', debug: false, persist: true };
  if (hasSince(contract, 'v1.14')) {
    return {
      ...head,
      machine: { ...identity, features: { diskQuotaSupport: true } },
      cluster: { token: secrets.bootstrapToken, ...(isControlPlane ? { etcd: etcdConfig(spec, secrets) } : {}) },
    };
  }
  return {
    ...head,
    machine: { ...identity, ...machineSections(contract, request) },
    cluster: isControlPlane ? controlPlaneClusterConfig(contract, spec, secrets) : clusterConfig(spec, secrets),
  };
}

/** What became documents with 1.14. */
function machineSections(contract: TalosContract, request: MachineConfigRequest) {
  const { spec, machine, installDisk } = request;
  const hasDocuments = hasSince(contract, 'v1.12');
  const isKept = machine.role === 'controlplane' && !spec.cluster.scheduleOnControlPlanes;
  const labels = { ...(isKept ? withoutLoadBalancers : {}), ...failureDomainLabels(machine) };
  return {
    kubelet: {
      image: kubernetesImages(spec.kubernetes.version).kubelet,
      defaultRuntimeSeccompProfileEnabled: true,
      disableManifestsDirectory: true,
      nodeIP: { validSubnets: kubeletSubnets(spec) },
    },
    ...(hasDocuments ? {} : { ...networkSections(request), ...mirrorSections(spec) }),
    install: {
      diskSelector: installDiskSelector(installDisk, machine.name),
      image: installerImage(spec),
      wipe: false,
      ...(hasDocuments ? { grubUseUKICmdline: true } : {}),
    },
    features: {
      ...(hasDocuments ? {} : { rbac: true, stableHostname: true, apidCheckExtKeyUsage: true }),
      diskQuotaSupport: true,
      kubePrism: { enabled: true, port: kubePrismPort },
      hostDNS: { enabled: true, forwardKubeDNSToHost: true },
    },
    ...(Object.keys(labels).length === 0 ? {} : { nodeLabels: labels }),
  };
}
