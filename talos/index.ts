export type { CallOptions } from './call-end.ts';
export { type CertificateAndKey, createAuthority } from './certificate.ts';
export { checkPatches, type RefusedPatch } from './check-patches.ts';
export { checkSecrets } from './check-secrets.ts';
export { checkTalosKeys } from './check-talos-keys.ts';
export { createAdminKeys, createClientKeys, type TalosRole, talosRoles } from './client-certificate.ts';
export { patchLayersOf } from './config-patches.ts';
export type { CosiResource, ResourceKind } from './cosi-resource.ts';
export { createSecrets } from './create-secrets.ts';
export { diffConfigs } from './diff/diff-configs.ts';
export { installerImage, installerSchematic } from './installer-image.ts';
export { type ListedCertificate, listCertificates, unreadableCertificates } from './list-certificates.ts';
export type { MachineConfigRequest } from './machine-config-request.ts';
export { checkMaintenanceConfig, renderMaintenanceConfig } from './maintenance-config.ts';
export { mergeTalosconfig } from './merge-talosconfig.ts';
export type { TalosTarget } from './open-channel.ts';
export { openReading, type TalosReading } from './open-reading.ts';
export { parseTalosconfig, type Talosconfig } from './parse-talosconfig.ts';
export { encodePem } from './pem-base64.ts';
export { pinTalos } from './pin-talos.ts';
export { certificateUnreadable } from './pki-faults.ts';
export { probeTalosMode } from './probe-talos-mode.ts';
export { readVitals, type StaticPod, type Vitals } from './read-vitals.ts';
export { createAdminKubeconfig } from './render-kubeconfig.ts';
export { renderMachineConfig } from './render-machine-config.ts';
export { renderTalosconfig } from './render-talosconfig.ts';
export { resourceKinds } from './resource-kinds.ts';
export { compareSchematic } from './schematic/compare-schematic.ts';
export { type Schematic } from './schematic/schematic.ts';
export { renderSchematic, schematicId } from './schematic/schematic-id.ts';
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
