import { createSecureContext, type SecureContext, type SecureVersion } from 'node:tls';

const made = new Map<SecureVersion, SecureContext>();

/** What a handshake needs in which nobody is believed and we show nothing: made once, because that costs more than a reading. */
export function anybody(minVersion: SecureVersion): SecureContext {
  const context = made.get(minVersion) ?? createSecureContext({ minVersion });
  made.set(minVersion, context);
  return context;
}
