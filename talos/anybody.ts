import { createSecureContext, type SecureContext, type SecureVersion } from 'node:tls';

const made = new Map<SecureVersion, SecureContext>();

/**
 * What a handshake needs in which nobody is believed and we show nothing. It holds no authorities, since to fill it with all
 * of Node's takes longer than a handshake, and is the same for everybody: nothing of a connection is kept in it.
 */
export function anybody(minVersion: SecureVersion): SecureContext {
  const context = made.get(minVersion) ?? createSecureContext({ ca: [], minVersion });
  made.set(minVersion, context);
  return context;
}
