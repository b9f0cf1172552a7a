import { type Millis, seconds } from '../../core/millis.ts';
import { noAddress } from '../dhcp/dhcp-packet.ts';
import { optionValue } from '../dhcp/option-table.ts';
import { type AskServersOptions, askServers } from '../doctor/ask-servers.ts';

/** dnsmasq looks for three seconds whether an address is free before it offers it. */
const patience: Millis = seconds(5);

export interface FoundDhcpServer {
  readonly server: string;
  /** The address that it offered. */
  readonly offered: string;
}

/** Every server but us that offers an address on the network of this address. It takes five seconds. */
export async function findDhcpServers(
  options: Omit<AskServersOptions, 'patience'>,
): Promise<readonly FoundDhcpServer[]> {
  const answers = await askServers({ ...options, patience });
  const found = answers
    .filter(({ packet }) => packet.yiaddr !== noAddress)
    .map(({ packet, from }) => ({
      server: optionValue(packet.options, 'serverIdentifier') ?? from,
      offered: packet.yiaddr,
    }))
    .filter(({ server }) => server !== options.address);
  return [...new Map(found.map((one) => [one.server, one])).values()];
}
