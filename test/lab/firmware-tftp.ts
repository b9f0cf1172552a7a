import type { Clock, Endpoint } from '../../core/ports.ts';
import { Inbox } from './inbox.ts';
import type { LanPort, LanSocket } from './lan-relay.ts';
import { pace } from './pace.ts';

const op = { rrq: 1, data: 3, ack: 4, error: 5, oack: 6 } as const;
const blksize = 1468;
const windowsize = 4;

/**
 * Downloads as OVMF does (RFC 1350, 2347, 2348, 2349, 7440): first a request that only wants the size and is broken off
 * with ERROR 8, then the real one without tsize. Gives the number of bytes, `undefined` when it gave up.
 */
export async function downloadByTftp(options: {
  readonly lan: LanPort;
  readonly localAddress: string;
  readonly clock: Clock;
  readonly server: string;
  readonly file: string;
  readonly signal: AbortSignal;
}): Promise<number | undefined> {
  const size = await transfer(options, { tsize: '0', blksize: String(blksize), windowsize: String(windowsize) });
  if (size?.announced === undefined) return undefined;
  const file = await transfer(options, { blksize: String(blksize), windowsize: String(windowsize) });
  return file?.received === size.announced ? file.received : undefined;
}

interface Outcome {
  readonly announced?: number;
  readonly received: number;
}

/** One request with everything that follows; ends at the last block, or at the OACK when the size was asked for. */
async function transfer(
  { lan, localAddress, clock, server, file, signal }: Parameters<typeof downloadByTftp>[0],
  wishes: Readonly<Record<string, string>>,
): Promise<Outcome | undefined> {
  const mail = new Inbox<{ bytes: Buffer; from: Endpoint }>(clock, signal);
  const socket = await lan.openSocket({ address: localAddress, port: 0 }, (bytes, from) =>
    mail.put({ bytes: Buffer.from(bytes), from }),
  );
  try {
    const ask = request(file, wishes);
    let peer: Endpoint | undefined;
    let granted = { blksize: 512, windowsize: 1 };
    let next = 1;
    let received = 0;
    let inWindow = 0;
    let silences = 0;
    let last = () => socket.send(ask, { address: server, port: 69 });
    last();
    while (!signal.aborted) {
      const letter = await mail.take(pace.tftpTimeout);
      if (letter === undefined) {
        if (++silences >= pace.tftpTries) return undefined;
        inWindow = 0;
        last();
        continue;
      }
      if (letter.from.address !== server || letter.bytes.length < 4) continue;
      peer ??= letter.from;
      if (letter.from.port !== peer.port) {
        socket.send(errorPacket(5, 'unknown transfer ID'), letter.from);
        continue;
      }
      const to = peer;
      const kind = letter.bytes.readUInt16BE(0);
      if (kind === op.error) return undefined;
      if (kind === op.oack && next === 1) {
        const answer = parseOack(letter.bytes);
        // EDK2 breaks off when it is told something that it did not ask for, or more than it asked for.
        const isSound = Object.entries(answer).every(
          ([name, value]) => name in wishes && (name === 'tsize' || Number(value) <= Number(wishes[name])),
        );
        if (!isSound) {
          socket.send(errorPacket(8, 'option negotiation failed'), to);
          return undefined;
        }
        if ('tsize' in wishes) {
          socket.send(errorPacket(8, 'user aborted the transfer'), to);
          return { received: 0, announced: Number(answer['tsize']) };
        }
        granted = { blksize: Number(answer['blksize'] ?? 512), windowsize: Number(answer['windowsize'] ?? 1) };
        silences = 0;
        last = () => sendAck(socket, 0, to);
        last();
      } else if (kind === op.data) {
        if ('tsize' in wishes) return undefined;
        if (letter.bytes.readUInt16BE(2) !== next % 65536) {
          // EDK2 (Mtftp4RrqHandleData) says what it has, whether it had that block before or misses one between.
          inWindow = 0;
          sendAck(socket, (next - 1) % 65536, to);
          continue;
        }
        const block = next++ % 65536;
        const length = letter.bytes.length - 4;
        received += length;
        silences = 0;
        last = () => sendAck(socket, block, to);
        const isLast = length < granted.blksize;
        if (++inWindow === granted.windowsize || isLast) {
          inWindow = 0;
          last();
        }
        if (isLast) return { received };
      }
    }
    return undefined;
  } finally {
    await socket.close();
  }
}

function request(file: string, wishes: Readonly<Record<string, string>>): Uint8Array {
  const words = [file, 'octet', ...Object.entries(wishes).flat()];
  return Buffer.concat([Buffer.from([0, op.rrq]), ...words.map((word) => Buffer.from(`${word}\0`))]);
}

function parseOack(bytes: Buffer): Record<string, string> {
  const words = bytes.subarray(2).toString('latin1').split('\0');
  const answer: Record<string, string> = {};
  for (let at = 0; at + 1 < words.length; at += 2) {
    const [name, value] = [words[at], words[at + 1]];
    if (name !== undefined && name !== '' && value !== undefined) answer[name.toLowerCase()] = value;
  }
  return answer;
}

function sendAck(socket: LanSocket, block: number, to: Endpoint): void {
  socket.send(Uint8Array.of(0, op.ack, block >> 8, block & 255), to);
}

const errorPacket = (code: number, text: string) =>
  Buffer.concat([Buffer.from([0, op.error, 0, code]), Buffer.from(`${text}\0`)]);
