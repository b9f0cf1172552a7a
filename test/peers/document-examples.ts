import { createPrivateKey } from 'node:crypto';
import type { DocumentFields, DocumentKindName } from '../../talos/document-builder/config-document.ts';
import type { CertificateAndKey } from '../../talos/index.ts';

const encryption = {
  provider: 'luks2' as const,
  keys: [
    { slot: 0, nodeID: {} },
    { slot: 1, static: { passphrase: 'for this test' }, lockToState: true },
    { slot: 2, kms: { endpoint: 'https://kms.example.org' } },
    { slot: 3, tpm: { options: { pcrs: [0, 7] }, checkSecurebootStatusOnEnroll: true } },
  ],
  cipher: 'aes-xts-plain64',
  keySize: 256,
  blockSize: 4096,
  options: ['no_read_workqueue'],
  allowDiscards: true,
};
const provisioning = {
  diskSelector: { match: 'disk.transport == "nvme" && !system_disk' },
  grow: true,
  minSize: '10GiB',
  maxSize: '100GiB',
};
const care = { enabled: true, interval: '24h0m0s' };
const link = {
  up: true,
  mtu: 9000,
  addresses: [{ address: '10.1.0.2/24' }, { address: 'fd00::2/64', routePriority: 2048 }],
  routes: [
    { gateway: '10.1.0.1', metric: 1024 },
    { destination: '10.2.0.0/16', gateway: '10.1.0.3', source: '10.1.0.2', mtu: 1400, table: '123' },
  ],
  multicast: true,
};
const foreign = { requests: { cpu: '100m' } };
const component = { extraArgs: { 'feature-gates': 'A=true' }, env: { GOGC: '50' }, resources: foreign };

type Examples = { readonly [Name in DocumentKindName]: readonly DocumentFields<Name>[] };

/**
 * Documents of each kind: the first with most of what can stand together in it, the others with the rest. Values are
 * spelled as Talos spells them.
 */
export function documentExamples(pair: CertificateAndKey): Examples {
  const identity = { cert: pair.crt, key: pair.key };
  return {
    LinkConfig: [{ name: 'enp1s0', ...link }],
    DummyLinkConfig: [{ name: 'dummy0', hardwareAddr: '02:00:00:00:00:01', ...link }],
    VLANConfig: [{ name: 'enp1s0.5', vlanID: 5, vlanMode: '802.1ad', parent: 'enp1s0', ...link }],
    BondConfig: [
      {
        name: 'bond0',
        hardwareAddr: '02:00:00:00:00:01',
        links: ['enp1s0', 'enp2s0'],
        bondMode: '802.3ad',
        miimon: 100,
        updelay: 200,
        downdelay: 200,
        useCarrier: true,
        xmitHashPolicy: 'layer3+4',
        lacpRate: 'fast',
        failOverMac: 'none',
        adSelect: 'bandwidth',
        adActorSysPrio: 65535,
        adUserPortKey: 1,
        adLACPActive: 'on',
        primaryReselect: 'always',
        resendIGMP: 1,
        minLinks: 1,
        lpInterval: 1,
        packetsPerSlave: 1,
        numPeerNotif: 1,
        allSlavesActive: 1,
        missedMax: 2,
        ...link,
      },
      {
        name: 'bond1',
        links: ['enp3s0'],
        bondMode: 'active-backup',
        arpInterval: 1000,
        arpIpTargets: ['10.1.0.1'],
        nsIp6Targets: ['fd00::1'],
        arpValidate: 'active',
        arpAllTargets: 'all',
      },
      { name: 'bond2', links: ['enp4s0'], bondMode: 'balance-tlb', miimon: 100, tlbLogicalLb: 1, peerNotifDelay: 100 },
    ],
    BridgeConfig: [
      {
        name: 'br0',
        hardwareAddr: '02:00:00:00:00:01',
        links: ['enp1s0'],
        stp: { enabled: true },
        vlan: { filtering: true },
        ...link,
      },
    ],
    VRFConfig: [{ name: 'vrf0', hardwareAddr: '02:00:00:00:00:01', links: ['enp1s0'], table: '123', ...link }],
    VethConfig: [{ name: 'veth0', ...link, peer: { name: 'veth1', ...link } }],
    WireguardConfig: [
      {
        name: 'wg0',
        privateKey: 'GA6xSFYVQ6V4U9mHkqcQRy3Bt2aYwYuqAnUBhdnJHX0=',
        listenPort: 51820,
        firewallMark: 4919,
        peers: [
          {
            publicKey: 'zc+Jv1L6OnfHkRBkCCz5T4pyRXyXzvIXh7TPjVZkFEE=',
            presharedKey: 'yeRpvHeJ4hTbMyyeb3bPhGPWLBO9cBqSlmTfUUvyNsk=',
            endpoint: '10.0.0.9:51820',
            persistentKeepaliveInterval: '25s',
            allowedIPs: ['10.4.0.0/24'],
          },
        ],
        ...link,
      },
    ],
    LinkAliasConfig: [{ name: 'net0', selector: { match: 'mac(link.permanent_addr) == "02:00:00:00:00:01"' } }],
    EthernetConfig: [
      {
        name: 'enp1s0',
        features: { 'tx-checksum-ipv4': true },
        rings: { rx: 256, 'tx-push': true },
        channels: { combined: 4 },
        wakeOnLan: ['magic'],
      },
    ],
    DHCPv4Config: [
      { name: 'enp1s0', routeMetric: 100, ignoreHostname: true, ignoreRoutes: true, clientIdentifier: 'mac' },
      { name: 'enp2s0', clientIdentifier: 'duid', duidRaw: '00:01:00:01:23:45:67:89:ab:cd:ef:01:23:45' },
    ],
    DHCPv6Config: [
      {
        name: 'enp1s0',
        routeMetric: 100,
        ignoreHostname: true,
        clientIdentifier: 'duid',
        duidRaw: '00:01:00:01:23:45:67:89:ab:cd:ef:01:23:45',
      },
    ],
    Layer2VIPConfig: [{ name: '10.0.0.10', link: 'enp1s0' }],
    HCloudVIPConfig: [{ name: '10.0.0.20', link: 'enp1s0', apiToken: 'of this test' }],
    BlackholeRouteConfig: [{ name: '10.9.0.0/16', metric: 100 }],
    RoutingRuleConfig: [
      {
        name: '1000',
        src: '10.1.0.0/16',
        dst: '10.2.0.0/16',
        table: '123',
        action: 'unicast',
        iifName: 'enp1s0',
        oifName: 'enp2s0',
        fwMark: 1,
        fwMask: 255,
      },
    ],
    BGPInstanceConfig: [
      {
        name: 'fabric',
        vrf: 'vrf0',
        localASN: 65001,
        routerID: '10.1.0.2',
        routeSource: '10.1.0.2',
        advertise: ['lo'],
        multipath: true,
        maxPaths: 4,
        installRoutes: true,
        importRoutes: [{ bgpInstance: 'other', prefixes: ['10.5.0.0/16'] }],
        neighbors: [
          {
            address: '10.1.0.1',
            peerASN: 65000,
            localASN: 65002,
            passive: true,
            holdTime: '9s',
          },
          { link: 'enp2s0', peerASN: 65003 },
        ],
      },
      {
        name: 'rack',
        localASN: 65001,
        neighbors: [
          {
            address: '10.1.0.1',
            peerASN: 65000,
            bfd: { transmitInterval: '300ms', receiveInterval: '300ms', detectMultiplier: 3 },
          },
        ],
      },
    ],
    HostnameConfig: [{ auto: 'off', hostname: 'node-1' }],
    ResolverConfig: [
      {
        nameservers: [
          { address: '10.0.0.2' },
          { address: '10.0.0.3', protocol: 'DoT', tlsServerName: 'dns.example.org' },
        ],
        searchDomains: { domains: ['example.org'], disableDefault: true },
        hostDNS: { enabled: true, forwardKubeDNSToHost: true, resolveMemberNames: true },
      },
    ],
    StaticHostConfig: [{ name: '10.0.0.20', hostnames: ['registry', 'registry.example.org'] }],
    TimeSyncConfig: [
      { enabled: true, bootTimeout: '2m0s', ntp: { servers: ['ntp.example.org'], useNTS: true } },
      { enabled: true, ptp: { devices: ['/dev/ptp0'] } },
    ],
    TCPProbeConfig: [
      {
        name: 'way out',
        interval: '10s',
        failureThreshold: 3,
        endpoint: 'proxy.example.org:3128',
        timeout: '5s',
      },
    ],
    HTTPProbeConfig: [
      { name: 'way-out', interval: '10s', failureThreshold: 3, url: 'https://example.org/', timeout: '5s' },
    ],
    KubeSpanConfig: [
      {
        enabled: true,
        advertiseKubernetesNetworks: true,
        allowDownPeerBypass: true,
        harvestExtraEndpoints: true,
        mtu: 1420,
        filters: { endpoints: ['0.0.0.0/0'], excludeAdvertisedNetworks: ['10.6.0.0/16'] },
      },
    ],
    KubeSpanEndpointsConfig: [{ extraAnnouncedEndpoints: ['192.0.2.1:51820'] }],
    NetworkDefaultActionConfig: [{ ingress: 'block' }],
    NetworkRuleConfig: [
      {
        name: 'etcd',
        portSelector: { ports: [2379, '2380-2381'], protocol: 'tcp' },
        ingress: [{ subnet: '10.0.0.0/24', except: '10.0.0.128/25' }],
      },
    ],
    VolumeConfig: [
      {
        name: 'EPHEMERAL',
        provisioning,
        filesystem: { xfs: { minAllocationGroupSize: '1GiB' } },
        encryption,
        mount: { secure: true, disableAccessTime: true },
        trim: care,
        scrub: care,
      },
    ],
    UserVolumeConfig: [
      {
        name: 'data',
        volumeType: 'partition',
        provisioning,
        filesystem: { type: 'btrfs' },
        encryption,
        mount: { secure: true, disableAccessTime: true },
        trim: care,
        scrub: care,
      },
      {
        name: 'xfs',
        provisioning,
        filesystem: { type: 'xfs', projectQuotaSupport: true, xfs: { minAllocationGroupSize: '1GiB' } },
      },
      { name: 'folder', volumeType: 'directory' },
    ],
    RawVolumeConfig: [{ name: 'lvm', provisioning, encryption }],
    ExistingVolumeConfig: [
      {
        name: 'old',
        discovery: { volumeSelector: { match: 'volume.partition_label == "OLD"' } },
        mount: { readOnly: true, disableAccessTime: true, secure: true },
        trim: care,
        scrub: care,
      },
    ],
    ExternalVolumeConfig: [
      {
        name: 'shared',
        filesystemType: 'virtiofs',
        mount: { readOnly: true, disableAccessTime: true, secure: true, virtiofs: { tag: 'Data' } },
      },
    ],
    SwapVolumeConfig: [{ name: 'swap', provisioning, encryption }],
    ZswapConfig: [{ maxPoolPercent: 25, shrinkerEnabled: true }],
    LVMVolumeGroupConfig: [
      {
        name: 'vg0',
        provisioning: { volumeSelector: { match: 'volume.partition_label.startsWith("r-lvm")' } },
      },
    ],
    LVMLogicalVolumeConfig: [
      {
        name: 'lv0',
        type: 'raid10',
        mirrors: 1,
        stripes: 2,
        provisioning: { volumeGroup: 'vg0', minSize: '10GiB', maxSize: '50%' },
      },
    ],
    RAIDArrayConfig: [
      {
        name: 'boot',
        level: 'raid1',
        metadata: '1.2',
        provisioning: { volumeSelector: { match: 'disk.transport == "nvme"' } },
      },
    ],
    FilesystemTrimConfig: [{ interval: '168h0m0s' }],
    FilesystemScrubConfig: [{ interval: '168h0m0s' }],
    UnattendedInstallConfig: [
      {
        reboot: true,
        installer: { image: 'ghcr.io/siderolabs/installer:v1.14.0' },
        provisioning: { diskSelector: { match: 'disk.serial == "S1"' }, wipe: true },
      },
    ],
    KernelModuleConfig: [{ name: 'drbd', parameters: ['usermode_helper=disabled'] }],
    SysctlConfig: [{ params: { 'vm.nr_hugepages': '1024' } }],
    SysfsConfig: [{ params: { 'devices.system.cpu.cpu0.cpufreq.scaling_governor': 'performance' } }],
    UdevRulesConfig: [{ rules: ['SUBSYSTEM=="drm", KERNEL=="renderD*", GROUP="44", MODE="0660"'] }],
    EtcFileConfig: [{ name: 'multipath.conf', mode: 420, contents: 'defaults {\n}\n' }],
    EnvironmentConfig: [{ variables: { HTTPS_PROXY: 'http://10.0.0.1:3128' } }],
    WatchdogTimerConfig: [{ device: '/dev/watchdog0', timeout: '3m0s' }],
    OOMConfig: [
      {
        triggerExpression: 'memory_full_avg10 > 12.0',
        cgroupRankingExpression: 'memory_current.orValue(0u) > 0u ? 1.0 : 0.0',
        sampleInterval: '500ms',
      },
    ],
    PCIDriverRebindConfig: [{ name: '0000:04:00.0', targetDriver: 'vfio-pci' }],
    SecurityProfileConfig: [{ workloadIsolation: true }],
    EventSinkConfig: [{ endpoint: '10.0.0.1:4002' }],
    KmsgLogConfig: [{ name: 'remote', url: 'tcp://10.0.0.1:4001/' }],
    SideroLinkConfig: [{ apiUrl: 'https://siderolink.example.org/?jointoken=x', uniqueToken: 'of this test' }],
    ExtensionServiceConfig: [
      {
        name: 'nut-client',
        configFiles: [{ content: 'MONITOR ups\n', mountPath: '/usr/local/etc/nut/upsmon.conf' }],
        environment: ['UPS=ups'],
      },
    ],
    TrustedRootsConfig: [{ name: 'site', certificates: pair.crt }],
    ImageVerificationConfig: [
      {
        rules: [
          { image: 'registry.example.org/*', skip: true },
          { image: 'docker.io/*', publicKey: { certificate: pair.crt } },
          { image: 'evil.example.org/*', deny: true },
          { image: 'ghcr.io/*', keyless: { issuer: 'https://accounts.example.org', subject: 'ci@example.org' } },
          { image: 'quay.io/*', keyless: { issuer: 'https://accounts.example.org', subjectRegex: '.*@example.org' } },
        ],
      },
    ],
    RegistryMirrorConfig: [
      {
        name: 'docker.io',
        endpoints: [{ url: 'https://mirror.example.org/v2/hub', overridePath: true }],
        skipFallback: true,
      },
    ],
    RegistryAuthConfig: [
      { name: 'registry.example.org', username: 'robot', password: 'of this test' },
      { name: 'quay.io', auth: 'dXNlcjpwYXNz' },
      { name: 'ghcr.io', identityToken: 'of this test' },
    ],
    RegistryTLSConfig: [
      {
        name: 'registry.example.org',
        clientIdentity: { cert: pair.crt, key: pkcs8(pair.key) },
        ca: pair.crt,
        insecureSkipVerify: true,
      },
    ],
    CRICustomizationConfig: [{ name: 'metrics', content: '[metrics]\n  address = "0.0.0.0:11234"\n' }],
    CRIBaseRuntimeSpecConfig: [
      {
        overrides: { process: { rlimits: [{ type: 'RLIMIT_NOFILE', hard: 1024, soft: 1024 }] } },
      },
    ],
    ImageCacheConfig: [{ local: { enabled: true } }],
    DiscoveryIdentityConfig: [
      {
        clusterID: '0raF93qnkMvF-FZNuvyGozXNdLiT2FOWSlyBaW4PR-w=',
        clusterSecret: 'pofHbABZq7VXuObsdLdy/bHmz6hlMHZ3p8+6WKrv1ic=',
      },
    ],
    DiscoveryServiceConfig: [{ name: 'default', endpoint: 'https://discovery.example.org/' }],
    KubeClusterConfig: [{ clusterName: 'rack-1', endpoint: 'https://10.0.0.10:6443' }],
    KubeNetworkConfig: [
      {
        dnsDomain: 'cluster.local',
        podSubnets: ['10.244.0.0/16'],
        serviceSubnets: ['10.96.0.0/12'],
        nodeCIDRMaskSizeIPv4: 24,
        nodeCIDRMaskSizeIPv6: 80,
      },
    ],
    KubeNodeConfig: [
      {
        skipNodeRegistration: true,
        registerWithFQDN: true,
        nodeIP: { validSubnets: ['10.0.0.0/24', '!10.0.0.10/32'] },
        labels: { rack: 'a' },
        annotations: { 'example.org/row': '3' },
        taints: { dedicated: 'storage:NoSchedule' },
      },
    ],
    KubeletConfig: [
      {
        image: 'ghcr.io/siderolabs/kubelet:v1.36.0',
        config: { serverTLSBootstrap: true },
        extraArgs: { 'feature-gates': 'A=true' },
        clusterDNS: ['10.96.0.10'],
        defaultRuntimeSeccompProfileEnabled: true,
      },
    ],
    KubePrismConfig: [{ port: 7445, tlsServerName: 'kubernetes.example.org' }],
    KubeAPIServerCAConfig: [{ issuingCA: identity, acceptedCAs: [pair.crt] }],
    KubeAggregatorCAConfig: [{ issuingCA: identity, acceptedCAs: [pair.crt] }],
    KubeServiceAccountConfig: [
      {
        issuer: { privateKey: pair.key, issuerURL: 'https://10.0.0.10:6443' },
        accepted: { publicKeys: [pair.crt], issuers: ['https://old.example.org'], audiences: ['api'] },
      },
    ],
    KubeEtcdEncryptionConfig: [{ config: { resources: [{ providers: [{ identity: {} }], resources: ['secrets'] }] } }],
    KubeAPIServerConfig: [
      {
        image: 'registry.k8s.io/kube-apiserver:v1.36.0',
        ...component,
        apiPort: 6443,
        certExtraSANs: ['10.0.0.10'],
        startupProbes: true,
      },
    ],
    KubeControllerManagerConfig: [
      {
        enabled: true,
        image: 'registry.k8s.io/kube-controller-manager:v1.36.0',
        ...component,
      },
    ],
    KubeSchedulerConfig: [
      {
        enabled: true,
        image: 'registry.k8s.io/kube-scheduler:v1.36.0',
        ...component,
        config: { percentageOfNodesToScore: 50 },
      },
    ],
    KubeProxyConfig: [
      {
        enabled: true,
        image: 'registry.k8s.io/kube-proxy:v1.36.0',
        mode: 'nftables',
        config: { conntrack: { maxPerCore: 0 } },
        resources: foreign,
      },
      { image: 'registry.k8s.io/kube-proxy:v1.36.0', config: {}, extraArgs: { 'proxy-mode': 'nftables' } },
    ],
    KubeCoreDNSConfig: [{ enabled: true, image: 'registry.k8s.io/coredns/coredns:v1.14.0' }],
    KubeFlannelCNIConfig: [
      {
        backendType: 'vxlan',
        backendPort: 4789,
        backendMTU: 1400,
        backendExtraConfig: { DirectRouting: true },
        resources: foreign,
        extraArgs: ['--iface-can-reach=10.0.0.1'],
        kubeNetworkPoliciesEnabled: true,
      },
    ],
    KubeAdmissionControlConfig: [{ name: 'PodSecurity', configuration: { kind: 'PodSecurityConfiguration' } }],
    KubeAuditPolicyConfig: [
      {
        configuration: { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules: [{ level: 'Metadata' }] },
      },
    ],
    KubeAuthenticationConfig: [{ configuration: { anonymous: { enabled: true } } }],
    KubeAuthorizerConfig: [{ name: 'hook', type: 'Webhook', webhook: { timeout: '3s', failurePolicy: 'Deny' } }],
    KubeInlineManifestConfig: [
      {
        name: 'namespace',
        manifest: 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: site\n',
      },
    ],
    KubeExternalManifestConfig: [
      { name: 'cni', url: 'https://example.org/cni.yaml', headers: { Token: 'of this test' } },
    ],
    KubeStaticPodConfig: [
      {
        name: 'agent',
        pod: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'agent' }, spec: { containers: [{ name: 'agent' }] } },
      },
    ],
    KubeCredentialProviderConfig: [
      {
        configuration: { apiVersion: 'kubelet.config.k8s.io/v1', kind: 'CredentialProviderConfig', providers: [] },
      },
    ],
    KubeTalosAPIAccessConfig: [{ allowedRoles: ['os:reader'], allowedKubernetesNamespaces: ['kube-system'] }],
  };
}

const pkcs8 = (pem: string) => createPrivateKey(pem).export({ type: 'pkcs8', format: 'pem' }).toString();
