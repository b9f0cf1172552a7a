import { z } from 'zod';
import { type DiskWish, parseDiskWish } from './match-disk.ts';
import type { ConfigDocuments } from './node-config-documents.ts';

type Main = ConfigDocuments['main'];
type Others = ConfigDocuments['others'];

interface LinkAddress {
  readonly link: string;
  readonly cidr: string;
}

const text = z.string().optional().catch(undefined);
const texts = z.array(z.string()).catch([]);
const addressed = z.looseObject({
  kind: z.string(),
  name: text,
  links: texts.optional(),
  parent: text,
  addresses: z.array(z.looseObject({ address: z.string() })).catch([]),
});

/** Addresses of links; what a bond or a VLAN has is found at the links below it. */
export function linkAddresses(others: Others): readonly LinkAddress[] {
  return others
    .filter(({ kind }) => ['LinkConfig', 'BondConfig', 'BridgeConfig', 'VLANConfig'].includes(String(kind)))
    .flatMap((document) => {
      const { kind, name, links = [], parent, addresses } = addressed.parse(document);
      const below = kind === 'LinkConfig' ? [name] : kind === 'VLANConfig' ? [parent] : links;
      return below.flatMap((link) => addresses.map(({ address }) => ({ link: link ?? '', cidr: address })));
    });
}

/** The same of the main document, which is all that 1.11 has. */
export const legacyAddresses = ({ machine }: Main): readonly LinkAddress[] =>
  (machine.network?.interfaces ?? []).flatMap(({ interface: link, addresses = [] }) =>
    addresses.map((cidr) => ({ link: link ?? '', cidr })),
  );

/** What is installed where; `undefined` when the machine is to wait for somebody to do it, as 1.14 may. */
export function readInstall(
  { machine }: Main,
  others: Others,
  minor: string,
): { readonly image: string | undefined; readonly disk: DiskWish } | { readonly problem: string } | undefined {
  const unattended = others.find(({ kind }) => kind === 'UnattendedInstallConfig');
  if (unattended !== undefined) {
    const read = unattendedShape.safeParse(unattended);
    if (!read.success) return { problem: 'UnattendedInstallConfig: the disk selector is missing' };
    const { installer, provisioning } = read.data;
    return { image: installer?.image, disk: { kind: 'expression', expression: provisioning.diskSelector.match } };
  }
  if (machine.install === undefined)
    return minor === 'v1.14' ? undefined : { problem: 'install instructions are required' };
  const disk = parseDiskWish(machine.install);
  return 'problem' in disk ? disk : { image: machine.install.image, disk };
}

const unattendedShape = z.looseObject({
  installer: z.looseObject({ image: z.string().optional() }).optional(),
  provisioning: z.looseObject({ diskSelector: z.looseObject({ match: z.string() }) }),
});

/** Kubernetes, from the main document or from those that 1.14 has for it. */
export function kubernetesOf({ machine, cluster }: Main, others: Others) {
  const ofKind = <Shape extends z.ZodType>(kind: string, shape: Shape) => {
    const found = others.find((document) => document['kind'] === kind);
    return found === undefined ? undefined : shape.safeParse(found).data;
  };
  const own = ofKind('KubeClusterConfig', z.looseObject({ clusterName: text, endpoint: text }));
  const ca = ofKind(
    'KubeAPIServerCAConfig',
    z.looseObject({ issuingCA: z.looseObject({ cert: text, key: text }).optional(), acceptedCAs: texts.optional() }),
  );
  const base64 = (pem: string | undefined) => Buffer.from(pem ?? '').toString('base64');
  const pair =
    ca === undefined
      ? cluster.ca
      : { crt: base64(ca.issuingCA?.cert ?? ca.acceptedCAs?.[0]), key: base64(ca.issuingCA?.key) };
  const hasDocuments = own !== undefined;
  const apiServer = ofKind('KubeAPIServerConfig', z.looseObject({ certExtraSANs: texts.optional() }));
  const taints = ofKind(
    'KubeNodeConfig',
    z.looseObject({ taints: z.record(z.string(), z.unknown()).optional() }),
  )?.taints;
  const hasFlannel = others.some(({ kind }) => kind === 'KubeFlannelCNIConfig');
  return {
    clusterName: own?.clusterName ?? cluster.clusterName ?? '',
    endpoint: own?.endpoint ?? cluster.controlPlane?.endpoint ?? '',
    ca: pair,
    kubeletImage: ofKind('KubeletConfig', z.looseObject({ image: text }))?.image ?? machine.kubelet?.image ?? '',
    apiServerCertSans: apiServer?.certExtraSANs ?? cluster.apiServer?.certSANs ?? [],
    cni: hasDocuments ? (hasFlannel ? 'flannel' : 'none') : (cluster.network?.cni?.name ?? 'flannel'),
    schedulesOnControlPlanes: hasDocuments ? taints === undefined : cluster.allowSchedulingOnControlPlanes === true,
  };
}
