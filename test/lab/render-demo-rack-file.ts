import { stringify } from 'yaml';
import { demoMachines, demoSubnet, demoVip } from './demo-rack.ts';

export interface DemoRackFile {
  /** Paths as they are written into the file: absolute, or relative to it. */
  readonly ukiPath: string;
  readonly fluxManifestPath: string;
  /** Unprivileged ones, as the scenario's boot server place names them. */
  readonly ports: { readonly dhcp: number; readonly proxyDhcp: number; readonly tftp: number; readonly http: number };
  readonly talosVersion?: string;
  readonly kubernetesVersion?: string;
  /** `none` when left out: Flux brings the pod network. */
  readonly cni?: 'none' | 'flannel';
  readonly fluxUrl?: string;
}

/** The rack file for the machines of `demoScenario`: real input of the real command. The stranger is not in it. */
export function renderDemoRackFile(options: DemoRackFile): string {
  const file = {
    apiVersion: 'rackwright.dev/v1alpha1',
    kind: 'Rack',
    name: 'demo',
    talos: { version: options.talosVersion ?? 'v1.13.9' },
    kubernetes: { version: options.kubernetesVersion ?? 'v1.34.1' },
    network: { interface: 'lo', subnet: demoSubnet, vip: demoVip },
    boot: { uki: { amd64: options.ukiPath }, ports: options.ports },
    cluster: { cni: options.cni ?? 'none' },
    // Nobody answers there, so that nobody outside of this computer is asked for an image.
    registries: { mirrors: { 'ghcr.io': { endpoints: ['http://127.77.0.5:5000'], fallback: false } } },
    machines: demoMachines.map(({ name, role, mac, uuid, address, selector }, index) => ({
      name,
      role,
      // Either is enough; the demo shows both.
      ...(index % 2 === 0 ? { uuid } : { mac }),
      address,
      disk: selector,
    })),
    flux: {
      manifest: options.fluxManifestPath,
      source: {
        kind: 'OCIRepository',
        url: options.fluxUrl ?? 'oci://registry.example/platform/demo',
        tag: 'latest',
        path: './clusters/demo',
      },
    },
  };
  return `# The rack of \`npm run demo\`: six simulated machines on the loopback interface.\n${stringify(file)}`;
}
