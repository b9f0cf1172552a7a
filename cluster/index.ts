export { arrangeFlux, type FluxArrangement } from './arrange-flux.ts';
export { fluxObjects, revisionOf } from './flux-objects.ts';
export { connectKube, type KubeClient } from './kube-client.ts';
export { type KubeObject, nameOf } from './kube-object.ts';
export { type ApplyOrder, orderForApply } from './order-for-apply.ts';
export { parseManifests } from './parse-manifests.ts';
export {
  daemonSetReadiness,
  deploymentReadiness,
  internalAddresses,
  isEstablished,
  isSchedulable,
  nodeReadiness,
  type Readiness,
  readiness,
} from './readiness.ts';
