import { z } from 'zod';
import { parseIpv4, parseIpv4Subnet } from './ipv4.ts';
import { parseMac } from './mac-address.ts';

/** Talos minor versions for which generated configs are proven by Talos' own machinery (test/peers). */
export const supportedTalosMinors = ['v1.12', 'v1.13'] as const;

/** Kubernetes minors that each supported Talos accepts (its compatibility tables). */
export const supportedKubernetesMinors: Readonly<
  Record<(typeof supportedTalosMinors)[number], readonly [number, number]>
> = { 'v1.12': [30, 35], 'v1.13': [31, 36] };

const ipv4 = z
  .string()
  .refine((text) => parseIpv4(text) !== undefined, { error: 'must be an IPv4 address such as 10.0.0.11' });
const subnet = z
  .string()
  .refine((text) => parseIpv4Subnet(text) !== undefined, { error: 'must be an IPv4 subnet such as 10.0.0.0/24' });
const mac = z
  .string()
  .transform((text) => parseMac(text) ?? text)
  .refine((text) => parseMac(text) !== undefined, { error: 'must be a MAC address such as 52:54:00:12:34:56' })
  .transform((text) => text as NonNullable<ReturnType<typeof parseMac>>);
const uuid = z
  .string()
  .toLowerCase()
  .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, { error: 'must be an SMBIOS UUID such as 4c4c4544-…' });
const dnsLabel = z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, {
  error: 'must be a DNS label: a-z, 0-9 and -, at most 63 characters',
});
const port = z.int().min(1).max(65535);

const diskSelector = z
  .strictObject({
    serial: z.string().min(1).optional(),
    wwid: z.string().min(1).optional(),
    model: z.string().min(1).optional(),
    transport: z.enum(['nvme', 'sata', 'sas', 'scsi', 'virtio', 'usb', 'mmc']).optional(),
    minSizeGB: z.number().positive().optional(),
    maxSizeGB: z.number().positive().optional(),
  })
  .refine((selector) => Object.values(selector).some((wish) => wish !== undefined), {
    error: 'must name at least one of serial, wwid, model, transport, minSizeGB, maxSizeGB',
  })
  .refine(({ minSizeGB = 0, maxSizeGB = Infinity }) => minSizeGB <= maxSizeGB, {
    error: 'asks for a minSizeGB above its maxSizeGB; allowed: one not above the other',
  });

const machine = z
  .strictObject({
    name: dnsLabel,
    role: z.enum(['controlplane', 'worker']),
    /** How the machine is recognised: at least one of the two. */
    uuid: uuid.optional(),
    mac: mac.optional(),
    /** The address that it has once it is installed. */
    address: ipv4,
    /** The one disk that Talos is installed on. */
    disk: diskSelector,
  })
  .refine((one) => one.uuid !== undefined || one.mac !== undefined, {
    error: 'must have a uuid or a mac, or nobody can tell which machine it is',
  });

const secretName = dnsLabel.optional();
const fluxSource = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('OCIRepository'),
    url: z.string().startsWith('oci://', { error: 'must begin with oci://' }),
    tag: z.string().min(1),
    path: z.string().default('./'),
    insecure: z.boolean().default(false),
    secret: secretName,
  }),
  z.strictObject({
    kind: z.literal('GitRepository'),
    url: z
      .string()
      .regex(/^(https?|ssh):\/\//, { error: 'must begin with https://, http:// or ssh://' })
      // The address is shown and journalled; a password belongs into the Secret that `secret` names.
      .regex(/^(ssh:\/\/[^/:@]+@|[a-z]+:\/\/)[^/@]*(\/|$)/, {
        error: 'must hold no password; put it into the Secret named by secret',
      }),
    branch: z.string().min(1),
    path: z.string().default('./'),
    secret: secretName,
  }),
]);

/** The operator's rack file, key by key. What one key alone cannot tell is in check-rack-spec.ts. */
export const rackShape = z.strictObject({
  apiVersion: z.literal('rackwright.dev/v1alpha1'),
  kind: z.literal('Rack'),
  /** Name of the cluster. */
  name: dnsLabel,
  talos: z.strictObject({
    version: z.string().regex(/^v\d+\.\d+\.\d+$/, { error: 'must be a release such as v1.13.9' }),
    /** Installer image without its tag: the tag is the version. */
    installer: z.string().min(1).default('ghcr.io/siderolabs/installer'),
  }),
  kubernetes: z.strictObject({
    version: z.string().regex(/^v\d+\.\d+\.\d+$/, { error: 'must be a release such as v1.34.1' }),
  }),
  network: z.strictObject({
    /** Name of the one network interface on which boots are answered. */
    interface: z.string().min(1),
    subnet,
    gateway: ipv4.optional(),
    nameservers: z.array(ipv4).default([]),
    timeServers: z.array(z.string().min(1)).default([]),
    /** Address of the Kubernetes API, shared by the control plane. */
    vip: ipv4,
  }),
  boot: z.strictObject({
    /** Talos UKI per architecture, relative to the rack file. */
    uki: z.strictObject({ amd64: z.string().min(1).optional(), arm64: z.string().min(1).optional() }),
    /** Firmware asks the well-known ports; other ones are for a redirect in front of us. */
    ports: z
      .strictObject({
        dhcp: port.default(67),
        proxyDhcp: port.default(4011),
        tftp: port.default(69),
        http: port.default(8080),
      })
      .prefault({}),
  }),
  cluster: z
    .strictObject({
      /** `none`: Flux installs the pod network, and nodes are NotReady until it has. */
      cni: z.enum(['none', 'flannel']).default('none'),
      podSubnet: subnet.default('10.244.0.0/16'),
      serviceSubnet: subnet.default('10.96.0.0/16'),
      dnsDomain: z.string().min(1).default('cluster.local'),
      scheduleOnControlPlanes: z.boolean().default(true),
    })
    .prefault({}),
  machines: z.array(machine).min(1),
  flux: z.strictObject({
    /** Flux's release manifest (install.yaml), relative to the rack file. */
    manifest: z.string().min(1),
    source: fluxSource,
  }),
});

export type RackSpec = z.output<typeof rackShape>;
export type MachineSpec = RackSpec['machines'][number];
export type DiskSelector = MachineSpec['disk'];
export type FluxSource = RackSpec['flux']['source'];

/** `v1.13` of `v1.13.9`. */
export const minorOf = (version: string): string => version.replace(/\.\d+$/, '');
