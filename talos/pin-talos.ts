import { hostAndPort, type TalosTarget } from './open-channel.ts';
import { probeCertificate } from './probe-certificate.ts';
import type { ProbeOptions } from './probe-tls.ts';
import { talosFingerprintMismatch } from './talos-faults.ts';

/**
 * The certificate of a machine in maintenance mode, if it is the one with this fingerprint: give it to `connectTalos`
 * as `pinned`, and every connection is to that machine or fails with `talos/foreign-certificate`. Twice a day the
 * machine takes a new key, and a new fingerprint with it. Fault `talos/fingerprint-mismatch`, `talos/unreachable`.
 */
export async function pinTalos(
  target: Pick<TalosTarget, 'address' | 'port'>,
  expected: string,
  options: ProbeOptions = {},
): Promise<string> {
  const { fingerprint, pem } = await probeCertificate(target, options);
  if (fingerprint !== expected) {
    throw talosFingerprintMismatch({ at: hostAndPort(target), expected, found: fingerprint });
  }
  return pem;
}
