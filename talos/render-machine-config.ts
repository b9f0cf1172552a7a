import { patchLayersOf } from './config-patches.ts';
import type { PlainDocument } from './document-builder/config-document.ts';
import { kubernetesDocuments } from './kubernetes-documents.ts';
import type { MachineConfigRequest } from './machine-config-request.ts';
import { mainDocument } from './main-document.ts';
import { networkDocuments } from './network-documents.ts';
import { applyPatches } from './patch/apply-patches.ts';
import { renderConfigText } from './render-config-text.ts';
import { systemDocuments } from './system-documents.ts';
import { contractOf, hasSince } from './talos-contract.ts';

/**
 * The config of one machine as YAML, for the contract of the rack file's Talos: what Talos' own generator writes for
 * it, what the rack file says, and its patches. It holds secrets. The same request always gives the same text. Faults
 * `talos/contract-unknown`, `talos/disk-not-nameable`, `talos/patch-refused`.
 */
export function renderMachineConfig(request: MachineConfigRequest): string {
  const { spec, machine } = request;
  const config = renderUnpatchedConfig(request);
  const layers = patchLayersOf(spec, machine);
  const isPatched = Object.values(layers).some((layer) => layer.length > 0);
  return isPatched ? applyPatches(config, layers, contractOf(spec.talos.version)) : config;
}

/** The same without the patches of the rack file. */
export const renderUnpatchedConfig = (request: MachineConfigRequest): string =>
  renderConfigText(machineConfigDocuments(request));

/** 1.11 knows one document, 1.12 and 1.13 have the network beside it, 1.14 nearly everything. */
function machineConfigDocuments(request: MachineConfigRequest): PlainDocument[] {
  const contract = contractOf(request.spec.talos.version);
  const main = mainDocument(contract, request);
  if (!hasSince(contract, 'v1.12')) return [main];
  if (!hasSince(contract, 'v1.14')) return [main, ...networkDocuments(contract, request)];
  return [
    main,
    ...systemDocuments(contract, request),
    ...networkDocuments(contract, request),
    ...kubernetesDocuments(contract, request),
  ];
}
