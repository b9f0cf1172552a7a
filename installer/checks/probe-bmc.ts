import { faultFrom } from '../../core/fault.ts';
import type { AskHttp, Clock, Network } from '../../core/ports.ts';
import { askUdp } from './ask-udp.ts';
import type { MachineProbes } from './probes.ts';

export interface BmcProbe {
  readonly askHttp: AskHttp;
  readonly network: Pick<Network, 'openUdp'>;
  readonly clock: Pick<Clock, 'sleep'>;
  /** Of IPMI; 623 when left out. */
  readonly port?: number;
}

/** RMCP: version 6, no acknowledgement wanted, class ASF; then ASF (IANA 4542): presence ping, tag 0, no data (ASF 2.0, 3.2.4.2). */
const presencePing = Uint8Array.of(0x06, 0, 0xff, 0x06, 0, 0, 0x11, 0xbe, 0x80, 0, 0, 0);
const presencePong = 0x40;

/**
 * Whether a management controller answers, without any credentials: to Redfish, whose service root everybody may read, or to a
 * presence ping of IPMI. Its certificate is not looked at: it is told nothing. Never rejects.
 */
export async function probeBmc(
  address: string,
  probe: BmcProbe,
  signal: AbortSignal,
): Promise<NonNullable<MachineProbes['bmc']>> {
  const [redfish, isPong] = await Promise.all([askRedfish(address, probe, signal), pings(address, probe, signal)]);
  if (redfish.version !== undefined) return { kind: 'answers', address, why: `Redfish ${redfish.version}` };
  if (isPong) return { kind: 'answers', address, why: `IPMI; Redfish: ${redfish.why}` };
  return { kind: 'silent', address, why: `no Redfish (${redfish.why}) and no IPMI` };
}

async function askRedfish(
  address: string,
  { askHttp }: BmcProbe,
  signal: AbortSignal,
): Promise<{ readonly version?: string; readonly why: string }> {
  try {
    const url = `https://${address}/redfish/v1/`;
    const { status, text } = await askHttp({ method: 'GET', url, anyCertificate: true }, signal);
    if (status !== 200) return { why: `status ${status}` };
    const { RedfishVersion: version } = JSON.parse(text) as { RedfishVersion?: unknown };
    return typeof version === 'string' ? { version, why: '' } : { why: 'its answer names no version' };
  } catch (thrown) {
    return { why: thrown instanceof SyntaxError ? 'its answer is no JSON' : faultFrom(thrown).message };
  }
}

async function pings(address: string, { port = 623, ...ports }: BmcProbe, signal: AbortSignal): Promise<boolean> {
  const isPong = (bytes: Uint8Array) => (bytes[0] === 0x06 && bytes[8] === presencePong) || undefined;
  const question = { to: { address, port }, encode: () => presencePing, decode: isPong };
  return (await askUdp(question, ports, signal)) === true;
}
