import { z } from 'zod';
import type { ResourceKind } from './cosi-resource.ts';

/**
 * The resources that an observation reads, with the fields that it uses: names as in Talos' resource definitions, which
 * are the same in 1.12 and 1.13. All of them may be read without a certificate in maintenance mode. A field that is
 * missing or of another type is taken for absent, so that an odd machine is shown and not hidden.
 */

const text = z.string().min(1).optional().catch(undefined);
const flag = z.boolean().catch(false);
const kind = <Namespace extends string, Spec extends z.ZodType>(namespace: Namespace, type: string, spec: Spec) =>
  ({ namespace, type, spec }) satisfies ResourceKind & { spec: Spec };

export const systemInformations = kind(
  'hardware',
  'SystemInformations.hardware.talos.dev',
  z.object({ uuid: text, serialnumber: text, productName: text }),
);

export const linkStatuses = kind(
  'network',
  'LinkStatuses.net.talos.dev',
  z.object({
    type: text,
    kind: z.string().catch(''),
    hardwareAddr: text,
    permanentAddr: text,
    operationalState: text,
    linkState: flag,
  }),
);

export const addressStatuses = kind(
  'network',
  'AddressStatuses.net.talos.dev',
  z.object({ address: text, linkName: text, scope: text }),
);

export const disks = kind(
  'runtime',
  'Disks.block.talos.dev',
  z.object({
    dev_path: text,
    size: z.int().nonnegative().catch(0),
    readonly: flag,
    cdrom: flag,
    model: text,
    serial: text,
    wwid: text,
    transport: text,
    rotational: flag,
  }),
);

export const discoveredVolumes = kind(
  'runtime',
  'DiscoveredVolumes.block.talos.dev',
  z.object({ name: z.string().catch(''), parent: text, partition_label: text }),
);

export const systemDisks = kind('runtime', 'SystemDisks.block.talos.dev', z.object({ diskID: text }));

export const machineStatuses = kind(
  'runtime',
  'MachineStatuses.runtime.talos.dev',
  z.object({
    stage: z.string().catch('unknown'),
    status: z
      .object({
        ready: flag,
        unmetConditions: z.array(z.object({ name: z.string(), reason: z.string() })).catch([]),
      })
      .catch({ ready: false, unmetConditions: [] }),
  }),
);

export const versions = kind('runtime', 'Versions.runtime.talos.dev', z.object({ version: text }));
