import { hasSince } from '../talos-contract.ts';
import { checkCluster } from './check-cluster.ts';
import { checkAnnotations, checkLabels, checkTaints } from './check-node-names.ts';
import type { ConfigReader } from './config-reader.ts';
import { isSubnet } from './network-text.ts';

/** What Talos says of the main document for a machine that is still to be installed (types/v1alpha1, metal mode). */
export function checkMainDocument(main: ConfigReader, options: { readonly needsInstall: boolean }): void {
  if (!main.has('machine')) {
    main.refuse('machine', 'is required');
    return;
  }
  const role = roleOf(main.text('machine.type'));
  if (role === undefined) main.refuse('machine.type', 'must be controlplane or worker');
  checkCluster(main, role);
  if (options.needsInstall) checkInstall(main);
  checkAuthority(main, role);
  checkFeatures(main, role);
  if (role === 'worker') checkNoSharedAddress(main);
  checkKubespan(main);
  checkKubelet(main);
  checkLabels(main, 'machine.nodeLabels');
  checkAnnotations(main, 'machine.nodeAnnotations');
  checkTaints(main, 'machine.nodeTaints');
  if (main.isFalse('persist')) main.refuse('persist', 'must not be false');
}

/** `undefined` for what is no type; Talos takes the old names too. */
export function roleOf(type: string): 'controlplane' | 'worker' | undefined {
  if (['controlplane', 'init'].includes(type)) return 'controlplane';
  return ['worker', 'join', ''].includes(type) ? 'worker' : undefined;
}

function checkInstall(main: ConfigReader): void {
  if (!main.has('machine.install')) {
    if (!hasSince(main.minor, 'v1.14')) main.refuse('machine.install', 'is required');
    return;
  }
  const hasSelector = main.below('machine.install.diskSelector').some(({ path }) => main.text(path) !== '');
  if (main.text('machine.install.disk') === '' && !hasSelector) {
    main.refuse('machine.install', 'names no disk: disk or diskSelector is needed');
  }
  if (main.has('machine.install.diskSelector.name'))
    main.refuse('machine.install.diskSelector.name', 'is not supported');
  const hasArgs = main.below('machine.install.extraKernelArgs').length > 0;
  if (hasArgs && main.isTrue('machine.install.grubUseUKICmdline')) {
    main.refuse(
      'machine.install.extraKernelArgs',
      'has no effect beside grubUseUKICmdline: only one of them is allowed',
    );
  }
}

function checkAuthority(main: ConfigReader, role: 'controlplane' | 'worker' | undefined): void {
  const hasAccepted = main.below('machine.acceptedCAs').length > 0;
  if (!main.has('machine.ca') && !hasAccepted) main.refuse('machine.ca', 'is required, or acceptedCAs');
  if (role === 'controlplane') {
    if (!main.has('machine.ca')) main.refuse('machine.ca', 'is required on a control plane');
    else if (main.text('machine.ca.key') === '') main.refuse('machine.ca.key', 'is required on a control plane');
  }
  if (role === 'worker' && main.has('machine.ca')) {
    if (main.text('machine.ca.key') !== '') main.refuse('machine.ca.key', 'must not be on a worker');
    if (main.text('machine.ca.crt') === '' && !hasAccepted)
      main.refuse('machine.ca.crt', 'is required, or acceptedCAs');
  }
}

const roles = ['admin', 'operator', 'reader', 'etcd:backup', 'impersonator'];
/** Roles that came with 1.13. */
const newRoles = ['image:verifier', 'meta:writer'];

function checkFeatures(main: ConfigReader, role: 'controlplane' | 'worker' | undefined): void {
  const dns = 'machine.features.hostDNS';
  const needsHostDns = hasSince(main.minor, 'v1.13') && main.isTrue(`${dns}.forwardKubeDNSToHost`);
  if (needsHostDns && !main.isTrue(`${dns}.enabled`))
    main.refuse(`${dns}.forwardKubeDNSToHost`, 'needs hostDNS.enabled');
  const access = 'machine.features.kubernetesTalosAPIAccess';
  if (main.isTrue(`${access}.enabled`)) {
    if (role !== 'controlplane') main.refuse(access, 'is for control planes only');
    if (!hasSince(main.minor, 'v1.12') && !main.isTrue('machine.features.rbac'))
      main.refuse(access, 'needs features.rbac');
    const known = [...roles, ...(hasSince(main.minor, 'v1.13') ? newRoles : [])].map((name) => `os:${name}`);
    for (const { path } of main.below(`${access}.allowedRoles`)) {
      if (!known.includes(main.text(path))) main.refuse(path, `is no role; allowed: ${known.join(', ')}`);
    }
  }
  const order = 'machine.features.nodeAddressSortAlgorithm';
  if (main.text(order) !== '' && !['v1', 'v2'].includes(main.text(order))) main.refuse(order, 'must be v1 or v2');
}

function checkNoSharedAddress(main: ConfigReader): void {
  for (const device of main.below('machine.network.interfaces')) {
    const vlans = main.below(`${device.path}.vlans`);
    for (const { path } of [device, ...vlans]) {
      if (main.has(`${path}.vip`)) main.refuse(`${path}.vip`, 'must not be on a worker');
    }
  }
}

const leastMtu = 1280;

function checkKubespan(main: ConfigReader): void {
  const kubespan = 'machine.network.kubespan';
  if (!main.isTrue(`${kubespan}.enabled`)) return;
  if (main.has(`${kubespan}.mtu`) && Number(main.text(`${kubespan}.mtu`)) < leastMtu) {
    main.refuse(`${kubespan}.mtu`, `must be at least ${leastMtu}`);
  }
  if (hasSince(main.minor, 'v1.14')) return;
  if (!main.isTrue('cluster.discovery.enabled')) main.refuse('cluster.discovery', 'must be enabled for KubeSpan');
  for (const key of ['id', 'secret']) {
    if (main.text(`cluster.${key}`) === '') main.refuse(`cluster.${key}`, 'is required for KubeSpan');
  }
}

function checkKubelet(main: ConfigReader): void {
  for (const { path } of main.below('machine.kubelet.nodeIP.validSubnets')) {
    if (!isSubnet(main.text(path)))
      main.refuse(path, 'must be a subnet or an address, with ! in front to leave it out');
  }
}
