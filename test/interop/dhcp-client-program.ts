/** Broadcasts DHCP messages given as hex from port 68 of one address, and prints all that it hears there. */
import { nodeNetwork } from '../../bin/platform/node-network.ts';

const [address = '', port = '68', to = '255.255.255.255', toPort = '67', ...messages] = process.argv.slice(2);
const onMessage = (bytes: Uint8Array) => {
  process.stdout.write(`${JSON.stringify({ type: 'heard', hex: Buffer.from(bytes).toString('hex') })}\n`);
};
const at = { port: Number(port), shared: true, broadcast: true, onMessage };
await nodeNetwork.openUdp({ ...at, address: '255.255.255.255' });
const socket = await nodeNetwork.openUdp({ ...at, address });
for (const message of messages) socket.send(Buffer.from(message, 'hex'), { address: to, port: Number(toPort) });
