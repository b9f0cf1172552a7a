import { configDocument, type PlainDocument } from './document-builder/config-document.ts';
import { installDiskExpression, installDiskSelector } from './install-disk-selector.ts';
import { installerImage } from './installer-image.ts';
import type { MachineConfigRequest } from './machine-config-request.ts';
import type { TalosContract } from './talos-contract.ts';

/** Membership, installation and what Talos 1.14 sets for every new machine. */
export function systemDocuments(contract: TalosContract, request: MachineConfigRequest): PlainDocument[] {
  const { spec, machine, secrets, installDisk } = request;
  const { clusterId: clusterID, clusterSecret } = secrets;
  return [
    // No DiscoveryServiceConfig: that service is in the internet, and who is a member is in the rack file.
    configDocument(contract, 'DiscoveryIdentityConfig', { clusterID, clusterSecret }),
    configDocument(contract, 'UnattendedInstallConfig', {
      installer: { image: installerImage(spec) },
      provisioning: {
        diskSelector: { match: installDiskExpression(installDiskSelector(installDisk, machine.name)) },
        wipe: false,
      },
    }),
    configDocument(contract, 'VolumeConfig', { name: 'EPHEMERAL', mount: { secure: true } }),
    configDocument(contract, 'FilesystemTrimConfig', { interval: '168h0m0s' }),
    configDocument(contract, 'SecurityProfileConfig', { workloadIsolation: true }),
  ];
}
