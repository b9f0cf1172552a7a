export type { CallOptions } from './call-end.ts';
export { type CertificateAndKey, createAuthority } from './certificate.ts';
export { checkSecrets } from './check-secrets.ts';
export { createAdminKeys } from './client-certificate.ts';
export type { CosiResource, ResourceKind } from './cosi-resource.ts';
export { createSecrets } from './create-secrets.ts';
export type { MachineConfigRequest } from './machine-config-request.ts';
export { observeTalos } from './observe-talos.ts';
export type { TalosTarget } from './open-channel.ts';
export { encodePem } from './pem-base64.ts';
export { pinTalos } from './pin-talos.ts';
export { renderMachineConfig } from './render-machine-config.ts';
export { renderTalosconfig } from './render-talosconfig.ts';
export { createSealIdentity, openSecrets, sealSecrets } from './seal-secrets.ts';
export { parseSecretsFile, renderSecretsFile } from './secrets-file.ts';
export {
  type ApplyMode,
  type ApplyResult,
  connectTalos,
  type EtcdMember,
  type TalosClient,
  type TalosService,
  type TalosVersion,
} from './talos-client.ts';
export { contractOf } from './talos-contract.ts';
export type { TalosKeys } from './talos-keys.ts';
export type { TalosSecrets } from './talos-secrets.ts';
export { validateConfig } from './validate/validate-config.ts';
