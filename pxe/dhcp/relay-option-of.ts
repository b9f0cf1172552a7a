import type { DhcpPacket } from './dhcp-packet.ts';
import { optionValue } from './option-table.ts';

/** A sub-option of the relay agent information (option 82); `undefined` without it. */
export function relayOptionOf(request: DhcpPacket, code: number): Uint8Array | undefined {
  return optionValue(request.options, 'relayAgentInformation')?.find(([known]) => known === code)?.[1];
}
