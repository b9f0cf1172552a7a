import { hasSince } from '../talos-contract.ts';
import type { ConfigReader } from './config-reader.ts';
import { isEndpoint, isSubnet } from './network-text.ts';

/** What Talos says of the `cluster` section, for this type of machine. */
export function checkCluster(main: ConfigReader, role: 'controlplane' | 'worker' | undefined): void {
  if (!main.has('cluster')) main.refuse('cluster', 'is required');
  else if (checkEndpoint(main)) {
    checkEtcd(main, role);
    checkManifests(main);
    checkDiscovery(main);
    const domain = main.text('cluster.network.dnsDomain');
    if (domain !== '' && !isDnsName(domain)) main.refuse('cluster.network.dnsDomain', 'is no DNS name');
    if (role !== 'controlplane' && main.text('cluster.ca.key') !== '') {
      main.refuse('cluster.ca.key', 'must not be on a worker');
    }
  }
  if (role === 'controlplane') checkCni(main);
}

/** False when there is none: Talos looks no further then. */
function checkEndpoint(main: ConfigReader): boolean {
  const path = 'cluster.controlPlane.endpoint';
  if (!main.has(path)) {
    if (hasSince(main.minor, 'v1.14') && !main.has('cluster.controlPlane')) return true;
    main.refuse(path, 'is required');
    return false;
  }
  if (!isEndpoint(main.text(path))) main.refuse(path, 'must be a URL with a host and a port from 1 to 65535');
  return true;
}

function checkEtcd(main: ConfigReader, role: 'controlplane' | 'worker' | undefined): void {
  if (!main.has('cluster.etcd')) return;
  if (role !== 'controlplane') {
    main.refuse('cluster.etcd', 'is for control planes only');
    return;
  }
  if (!main.has('cluster.etcd.ca')) main.refuse('cluster.etcd.ca', 'is required');
  const advertised = main.below('cluster.etcd.advertisedSubnets');
  if (main.text('cluster.etcd.subnet') !== '' && advertised.length > 0) {
    main.refuse('cluster.etcd.subnet', 'must not be beside advertisedSubnets');
  }
  for (const { path } of [...advertised, ...main.below('cluster.etcd.listenSubnets')]) {
    if (!isSubnet(main.text(path)))
      main.refuse(path, 'must be a subnet or an address, with ! in front to leave it out');
  }
}

function checkManifests(main: ConfigReader): void {
  const names = new Set<string>();
  for (const { path } of main.below('cluster.inlineManifests')) {
    const name = main.text(`${path}.name`);
    if (name.trim() === '') main.refuse(`${path}.name`, 'is required');
    else if (names.has(name)) main.refuse(`${path}.name`, 'is used twice');
    names.add(name);
  }
}

function checkDiscovery(main: ConfigReader): void {
  if (!main.isTrue('cluster.discovery.enabled')) return;
  const service = 'cluster.discovery.registries.service';
  if (main.isTrue(`${service}.disabled`)) return;
  const endpoint = main.text(`${service}.endpoint`);
  if (endpoint !== '' && !/^([a-zA-Z][a-zA-Z0-9+.-]*:\/\/[^/\s]*)?\/?$/.test(endpoint)) {
    main.refuse(`${service}.endpoint`, 'must be a URL without a path');
  }
  for (const key of ['id', 'secret']) {
    if (main.text(`cluster.${key}`) === '') main.refuse(`cluster.${key}`, 'is required by the discovery service');
  }
}

function checkCni(main: ConfigReader): void {
  const cni = 'cluster.network.cni';
  if (!main.has(cni)) return;
  const name = main.text(`${cni}.name`);
  if (!['flannel', 'custom', 'none'].includes(name)) {
    main.refuse(`${cni}.name`, 'must be flannel, custom or none');
    return;
  }
  const urls = main.below(`${cni}.urls`);
  if (name !== 'custom' && urls.length > 0) main.refuse(`${cni}.urls`, 'is for the CNI custom only');
  if (name === 'custom') {
    for (const { path } of urls) if (!isEndpoint(main.text(path))) main.refuse(path, 'must be a URL with a host');
  }
  if (name !== 'flannel' && main.below(`${cni}.flannel.extraArgs`).length > 0) {
    main.refuse(`${cni}.flannel.extraArgs`, 'is for the CNI flannel only');
  }
  const policies = `${cni}.flannel.kubeNetworkPoliciesEnabled`;
  if (name !== 'flannel' && hasSince(main.minor, 'v1.13') && main.isTrue(policies)) {
    main.refuse(policies, 'is for the CNI flannel only');
  }
}

const isDnsName = (name: string): boolean =>
  name.length - name.split('.').length + 1 <= 255 && /^\w[\w-]{0,62}(\.\w[\w-]{0,62})*[._]?$/.test(name);
