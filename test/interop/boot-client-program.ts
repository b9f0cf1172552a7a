/** PXE firmware that has just powered on: one DISCOVER as a broadcast, and a line for the first reply. */
import { nodeNetwork } from '../../bin/platform/node-network.ts';
import { encodeDhcp } from '../../pxe/dhcp/encode-dhcp.ts';
import { ovmfPxeDiscover } from '../../pxe/ovmf-requests.fixture.ts';
import { packetOf } from '../../pxe/request.fixture.ts';

const [address = '', lastOctet = '1'] = process.argv.slice(2);
const everybody = '255.255.255.255';
const replied = Promise.withResolvers<string>();
const ears = await nodeNetwork.openUdp({
  address: everybody,
  port: 68,
  shared: true,
  onMessage: (bytes) => {
    const { siaddr, file } = packetOf(bytes);
    replied.resolve(`${siaddr} ${file}`);
  },
});
const mouth = await nodeNetwork.openUdp({
  address,
  port: 68,
  shared: true,
  broadcast: true,
  onMessage: () => undefined,
});
const chaddr = Uint8Array.of(2, 0, 0, 0, 0, Number(lastOctet));
mouth.send(encodeDhcp({ ...packetOf(ovmfPxeDiscover), chaddr }), { address: everybody, port: 67 });
process.stdout.write(`${await replied.promise}\n`);
await Promise.all([ears.close(), mouth.close()]);
