import { describeDatagram } from '../../pxe/testdata/describe-datagram.fixture.ts';

type Line = Readonly<Record<string, unknown>>;

/**
 * What a machine and the boot server said to each other, as a file that can be compared: without transaction ids, seconds
 * and ports of the moment, and each datagram once, however often it was repeated.
 */
export function renderCapture(title: string, lines: readonly Line[]): string {
  const records = lines.flatMap((line) => recordOf(line) ?? []);
  return `${[title, ...new Set(records)].join('\n\n')}\n`;
}

function recordOf(line: Line): string | undefined {
  if (line['type'] === 'requested') {
    const { method, path, agent, host, range } = line as Record<string, string | undefined>;
    const named = agent?.replace(/(\d+\.\d+\.\d+)\+git\S*/, '$1');
    return [
      // Of a URL that is made for one boot the end is another one each time.
      `< HTTP ${method} ${path?.replace(/^\/config\/.*/, '/config/*')}`,
      `  host ${host}`,
      `  user-agent ${named}`,
      ...(range === undefined ? [] : [`  range ${range}`]),
    ].join('\n');
  }
  const isReceived = line['type'] === 'received';
  const port = Number(isReceived ? line['on'] : line['from']);
  // What answers a read request has the length of the file in it, which is another one with each kernel.
  if ((!isReceived && line['type'] !== 'sent') || (!isReceived && port !== 67 && port !== 4011)) return undefined;
  const { address, port: peerPort } = (isReceived ? line['from'] : line['to']) as { address: string; port: number };
  const bytes = new Uint8Array(Buffer.from(String(line['hex']), 'hex'));
  if (port !== 69) bytes.fill(0, 4, 10);
  const peer = `${address}:${[67, 68, 4011].includes(peerPort) ? peerPort : '*'}`;
  return [
    isReceived ? `< from ${peer} to port :${port}` : `> from port ${port} to ${peer}`,
    ...describeDatagram(port, bytes).map((text) => `  ${text}`),
    '  bytes',
    ...(
      Buffer.from(bytes)
        .toString('hex')
        .match(/.{1,96}/g) ?? []
    ).map((text) => `    ${text}`),
  ].join('\n');
}
