import type { Socket } from 'node:net';
import { ChannelCredentials } from '@grpc/grpc-js';
import { seconds } from '../core/millis.ts';
import type { LineConnection } from './grpc-channel.ts';

type CreateConnector = ChannelCredentials['_createSecureConnector'];

/**
 * For how long a connection may be quiet before TCP asks whether the other side is still there. Node then asks once a
 * second and gives up after the tenth time without an answer (TCP_KEEPINTVL 1, TCP_KEEPCNT 10), so that a link whose
 * other end is gone without a word breaks after 15 s. HTTP/2 pings would tell as much, but Talos allows one every five
 * minutes and closes the connection of who sends more (ENHANCE_YOUR_CALM).
 */
const quiet = seconds(5);

/** Credentials that behave as the given ones on a TCP connection that is kept under watch. */
export class KeepAliveCredentials extends ChannelCredentials implements LineConnection {
  readonly #inner: ChannelCredentials;
  #socket: Socket | undefined;

  constructor(inner: ChannelCredentials) {
    super();
    this.#inner = inner;
  }

  get bytesRead(): number {
    return this.#socket?.bytesRead ?? 0;
  }

  breakOff(): void {
    this.#socket?.destroy();
  }

  override _isSecure(): boolean {
    return this.#inner._isSecure();
  }

  override _equals(other: ChannelCredentials): boolean {
    return this === other;
  }

  override _createSecureConnector(...about: Parameters<CreateConnector>): ReturnType<CreateConnector> {
    const connector = this.#inner._createSecureConnector(...about);
    return {
      connect: (socket) => {
        socket.setKeepAlive(true, quiet);
        this.#socket = socket;
        return connector.connect(socket);
      },
      waitForReady: () => connector.waitForReady(),
      getCallCredentials: () => connector.getCallCredentials(),
      destroy: () => connector.destroy(),
    };
  }
}
