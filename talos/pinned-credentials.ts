import { X509Certificate } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import { ChannelCredentials } from '@grpc/grpc-js';

type CreateConnector = ChannelCredentials['_createSecureConnector'];

/**
 * Credentials that believe one certificate and no other, whoever signed it and whatever it is dated: a machine in
 * maintenance mode dates its certificate by a clock that nobody may have set yet, and its key is what it is known by.
 */
export class PinnedCredentials extends ChannelCredentials {
  readonly #inner: ChannelCredentials;
  readonly #pinned: X509Certificate;

  /** `inner` looks at no certificate; `pinned` is PEM. */
  constructor(inner: ChannelCredentials, pinned: string) {
    super();
    this.#inner = inner;
    this.#pinned = new X509Certificate(pinned);
  }

  override _isSecure(): boolean {
    return this.#inner._isSecure();
  }

  override _equals(other: ChannelCredentials): boolean {
    return this === other;
  }

  override _createSecureConnector(...about: Parameters<CreateConnector>): ReturnType<CreateConnector> {
    const connector = this.#inner._createSecureConnector(...about);
    const pinned = this.#pinned;
    return {
      async connect(socket) {
        const connected = await connector.connect(socket);
        const shown = connected.socket instanceof TLSSocket ? connected.socket.getPeerX509Certificate() : undefined;
        if (shown?.raw.equals(pinned.raw) === true) return connected;
        connected.socket.destroy();
        // In OpenSSL's words for a certificate that nobody vouches for.
        throw new Error('self-signed certificate');
      },
      waitForReady: () => connector.waitForReady(),
      getCallCredentials: () => connector.getCallCredentials(),
      destroy: () => connector.destroy(),
    };
  }
}
