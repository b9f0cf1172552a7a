import { beforeAll, describe, expect, it } from 'vitest';
import { checkMaintenanceConfig, renderMaintenanceConfig } from '../../talos/index.ts';
import { configOracle, type Oracle, oracleVersions } from './config-oracle.ts';

const of = (kind: string, fields: object) => ({ inline: { apiVersion: 'v1alpha1', kind, ...fields } });
const logs = of('KmsgLogConfig', { name: 'lab', url: 'udp://10.0.0.2:5514' });
const network = [
  of('VLANConfig', { name: 'eno1.40', vlanID: 40, parent: 'eno1', addresses: [{ address: '10.40.0.9/24' }] }),
  of('LinkConfig', { name: 'eno2', mtu: 9000 }),
  of('HostnameConfig', { hostname: 'waiting' }),
  of('ResolverConfig', { nameservers: [{ address: '10.0.0.2' }] }),
  of('TimeSyncConfig', { ntp: { servers: ['10.0.0.2'] } }),
];
const main = { inline: { version: 'v1alpha1', machine: { type: 'worker' } } };

describe.each(oracleVersions)('Talos $talos', (version) => {
  const pieces = version.contract === 'v1.11' ? [logs] : [logs, ...network];
  let ask: Oracle;
  beforeAll(async () => {
    ask = await configOracle(version);
  });
  const judge = async (parts: typeof pieces) =>
    (await ask({ contract: version.contract, configs: [{ yaml: renderMaintenanceConfig(parts), disks: [] }] }))
      .configs[0];

  it('takes a maintenance config, and finds nothing in it that would install a machine', async () => {
    expect(checkMaintenanceConfig(pieces, `${version.contract}.0`)).toEqual([]);
    const verdict = await judge(pieces);
    expect([verdict?.error, verdict?.encoded.match(/^kind: /gm)?.length]).toEqual(['', pieces.length]);
    // What Talos understands of a machine is of the main document.
    expect(verdict?.understood).toBeUndefined();
  });

  it('has a main document where we refuse one', async () => {
    expect(checkMaintenanceConfig([main], `${version.contract}.0`)).toHaveLength(1);
    expect((await judge([main as never]))?.encoded).toContain('machine:');
  });
});
