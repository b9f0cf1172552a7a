/** The boot room: makes a machine that powers on boot what was decided. */

export { assetsOf, emptySchematic, publicFactory } from './assets/asset.ts';
export { exportBundle, importBundle } from './assets/asset-bundle.ts';
export { AssetCache, type CachePorts } from './assets/asset-cache.ts';
export { lockFileName, readLock } from './assets/asset-lock.ts';
export { type AssetSite, type AssetState, listAssets, pullAssets, verifyAssets } from './assets/pull-assets.ts';
export { registerSchematic } from './assets/register-schematic.ts';
export { type CommandLines, type Ukis } from './boot-file.ts';
export { admitStrangers, type BootIntent } from './decide-boot.ts';
export { openDhcpServer } from './dhcp-server/open-dhcp-server.ts';
export { type DhcpMode } from './dhcp-server/serve-dhcp.ts';
export { askFactory } from './doctor/ask-factory.ts';
export { askServers, type ServerAnswer } from './doctor/ask-servers.ts';
export { describeAnswer, readAnswer } from './doctor/describe-answer.ts';
export { type Finding } from './doctor/finding.ts';
export { type HostFacts } from './doctor/host-facts.ts';
export { judgeAnswers } from './doctor/judge-answers.ts';
export { judgeHost } from './doctor/judge-host.ts';
export { parseNft } from './doctor/parse-nft.ts';
export { ConfigUrls } from './http/config-urls.ts';
export { type BootClient } from './identify-client.ts';
export { findLoaders } from './ipxe/find-loaders.ts';
export { loaderNames } from './ipxe/loader-names.ts';
export { NetbootOnce } from './netboot-once.ts';
export { type DhcpServerKind, dhcpServerKinds, printDhcp } from './print-dhcp/print-dhcp.ts';
export {
  type BootInterface,
  type BootPorts,
  type BootService,
  type BootServiceOptions,
  serveBoots,
} from './serve-boots.ts';
