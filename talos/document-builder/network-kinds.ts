import { z } from 'zod';
import { duration, flag, kind, match, text, texts, whole } from './document-kind.ts';

const route = z.strictObject({
  /** Left out for the default route. */
  destination: text.optional(),
  gateway: text.optional(),
  source: text.optional(),
  metric: whole.optional(),
  mtu: whole.optional(),
  table: text.optional(),
});

/** What every kind of link has. */
const link = {
  name: text,
  up: flag.optional(),
  mtu: whole.optional(),
  addresses: z.array(z.strictObject({ address: text, routePriority: whole.optional() })).optional(),
  routes: z.array(route).optional(),
  multicast: flag.optional(),
};

const dhcp = {
  /** Name of the link. */
  name: text,
  routeMetric: whole.optional(),
  ignoreHostname: flag.optional(),
  clientIdentifier: z.enum(['none', 'mac', 'duid']).optional(),
  duidRaw: text.optional(),
};

const probe = {
  name: text,
  interval: duration.optional(),
  failureThreshold: whole.optional(),
  timeout: duration.optional(),
};

const bond = {
  ...link,
  hardwareAddr: text.optional(),
  links: texts,
  bondMode: z.enum([
    'balance-rr',
    'active-backup',
    'balance-xor',
    'broadcast',
    '802.3ad',
    'balance-tlb',
    'balance-alb',
  ]),
  miimon: whole.optional(),
  updelay: whole.optional(),
  downdelay: whole.optional(),
  useCarrier: flag.optional(),
  xmitHashPolicy: z.enum(['layer2', 'layer3+4', 'layer2+3', 'encap2+3', 'encap3+4']).optional(),
  arpInterval: whole.optional(),
  arpIpTargets: texts.optional(),
  nsIp6Targets: texts.optional(),
  arpValidate: z.enum(['none', 'active', 'backup', 'all', 'filter', 'filter-active', 'filter-backup']).optional(),
  arpAllTargets: z.enum(['any', 'all']).optional(),
  lacpRate: z.enum(['slow', 'fast']).optional(),
  failOverMac: z.enum(['none', 'active', 'follow']).optional(),
  adSelect: z.enum(['stable', 'bandwidth', 'count']).optional(),
  adActorSysPrio: whole.optional(),
  adUserPortKey: whole.optional(),
  adLACPActive: z.enum(['on', 'off']).optional(),
  primaryReselect: z.enum(['always', 'better', 'failure']).optional(),
  resendIGMP: whole.optional(),
  minLinks: whole.optional(),
  lpInterval: whole.optional(),
  packetsPerSlave: whole.optional(),
  numPeerNotif: whole.optional(),
  tlbLogicalLb: whole.optional(),
  allSlavesActive: whole.optional(),
  peerNotifDelay: whole.optional(),
  missedMax: whole.optional(),
};

const bgpNeighbor = z.strictObject({
  address: text.optional(),
  link: text.optional(),
  peerASN: whole.optional(),
  localASN: whole.optional(),
  passive: flag.optional(),
  holdTime: duration.optional(),
  bfd: z
    .strictObject({
      transmitInterval: duration.optional(),
      receiveInterval: duration.optional(),
      detectMultiplier: whole.optional(),
    })
    .optional(),
});

/** Links, addresses, routes, names, time, probes. */
export const networkKinds = {
  LinkConfig: kind('v1.12', link),
  DummyLinkConfig: kind('v1.12', { ...link, hardwareAddr: text.optional() }),
  VLANConfig: kind('v1.12', {
    ...link,
    vlanID: whole,
    vlanMode: z.enum(['802.1q', '802.1ad']).optional(),
    parent: text,
  }),
  BondConfig: kind('v1.12', bond),
  BridgeConfig: kind('v1.12', {
    ...link,
    hardwareAddr: text.optional(),
    links: texts,
    stp: z.strictObject({ enabled: flag.optional() }).optional(),
    vlan: z.strictObject({ filtering: flag.optional() }).optional(),
  }),
  VRFConfig: kind('v1.13', { ...link, hardwareAddr: text.optional(), links: texts, table: text }),
  VethConfig: kind('v1.14', { ...link, peer: z.strictObject(link) }),
  WireguardConfig: kind('v1.12', {
    ...link,
    privateKey: text,
    listenPort: whole.optional(),
    firewallMark: whole.optional(),
    peers: z
      .array(
        z.strictObject({
          publicKey: text,
          presharedKey: text.optional(),
          endpoint: text.optional(),
          persistentKeepaliveInterval: duration.optional(),
          allowedIPs: texts.optional(),
        }),
      )
      .optional(),
  }),
  LinkAliasConfig: kind('v1.12', { name: text, selector: match }),
  EthernetConfig: kind(
    'v1.11',
    {
      name: text,
      features: z.record(z.string(), flag).optional(),
      rings: z.record(z.string(), z.union([whole, flag])).optional(),
      channels: z.record(z.string(), whole).optional(),
      wakeOnLan: texts.optional(),
    },
    { wakeOnLan: 'v1.12' },
  ),
  DHCPv4Config: kind('v1.12', { ...dhcp, ignoreRoutes: flag.optional() }, { ignoreRoutes: 'v1.14' }),
  DHCPv6Config: kind('v1.12', dhcp),
  /** Named after the shared address. */
  Layer2VIPConfig: kind('v1.12', { name: text, link: text }),
  HCloudVIPConfig: kind('v1.12', { name: text, link: text, apiToken: text }),
  BlackholeRouteConfig: kind('v1.13', { name: text, metric: whole.optional() }),
  RoutingRuleConfig: kind('v1.13', {
    name: text,
    src: text.optional(),
    dst: text.optional(),
    table: text,
    action: text.optional(),
    iifName: text.optional(),
    oifName: text.optional(),
    fwMark: whole.optional(),
    fwMask: whole.optional(),
  }),
  BGPInstanceConfig: kind('v1.14', {
    name: text,
    vrf: text.optional(),
    localASN: whole,
    routerID: text.optional(),
    routeSource: text.optional(),
    advertise: texts.optional(),
    multipath: flag.optional(),
    maxPaths: whole.optional(),
    installRoutes: flag.optional(),
    importRoutes: z.array(z.strictObject({ bgpInstance: text, prefixes: texts })).optional(),
    neighbors: z.array(bgpNeighbor).optional(),
  }),
  HostnameConfig: kind('v1.12', { auto: z.enum(['stable', 'off']).optional(), hostname: text.optional() }),
  ResolverConfig: kind(
    'v1.12',
    {
      nameservers: z
        .array(
          z.strictObject({
            address: text,
            protocol: z.enum(['Do53', 'DoT', 'DoH']).optional(),
            tlsServerName: text.optional(),
          }),
        )
        .optional(),
      searchDomains: z.strictObject({ domains: texts.optional(), disableDefault: flag.optional() }).optional(),
      hostDNS: z
        .strictObject({
          enabled: flag.optional(),
          forwardKubeDNSToHost: flag.optional(),
          resolveMemberNames: flag.optional(),
        })
        .optional(),
    },
    { hostDNS: 'v1.14', 'nameservers.protocol': 'v1.14', 'nameservers.tlsServerName': 'v1.14' },
  ),
  /** Named after the address. */
  StaticHostConfig: kind('v1.12', { name: text, hostnames: texts }),
  TimeSyncConfig: kind(
    'v1.12',
    {
      enabled: flag.optional(),
      bootTimeout: duration.optional(),
      ntp: z.strictObject({ servers: texts.optional(), useNTS: flag.optional() }).optional(),
      ptp: z.strictObject({ devices: texts.optional() }).optional(),
    },
    { 'ntp.useNTS': 'v1.14' },
  ),
  TCPProbeConfig: kind('v1.13', { ...probe, endpoint: text }),
  HTTPProbeConfig: kind('v1.14', { ...probe, url: text }),
  KubeSpanConfig: kind('v1.13', {
    enabled: flag.optional(),
    advertiseKubernetesNetworks: flag.optional(),
    allowDownPeerBypass: flag.optional(),
    harvestExtraEndpoints: flag.optional(),
    mtu: whole.optional(),
    filters: z.strictObject({ endpoints: texts.optional(), excludeAdvertisedNetworks: texts.optional() }).optional(),
  }),
  KubeSpanEndpointsConfig: kind('v1.11', { extraAnnouncedEndpoints: texts }),
  /** The firewall's answer to what no rule names. */
  NetworkDefaultActionConfig: kind('v1.11', { ingress: z.enum(['accept', 'block']) }),
  NetworkRuleConfig: kind('v1.11', {
    name: text,
    portSelector: z.strictObject({
      /** A port, or a range such as `8000-8010`. */
      ports: z.array(z.union([whole, text])).optional(),
      protocol: z.enum(['tcp', 'udp', 'icmp', 'icmpv6']),
    }),
    ingress: z.array(z.strictObject({ subnet: text, except: text.optional() })).optional(),
  }),
};
