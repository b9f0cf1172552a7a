import type { Emit } from '../core/event.ts';
import { faultFrom } from '../core/fault.ts';
import type { Clock, Files, HttpRequest, HttpResponse, ReadableFile } from '../core/ports.ts';
import { parseRange } from './http/parse-range.ts';

export interface HttpAnswerOptions {
  readonly files: Pick<Files, 'open'>;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly emit: Emit;
  /** The path of the file that may be sent under this name now; `undefined` for all others. */
  readonly pathOf: (name: string) => string | undefined;
}

/**
 * HEAD and GET of boot files, as UEFI HTTP boot asks for them (UEFI 2.10 section 24.7), whole or one range. EDK2 takes no
 * redirect, is four times slower without a Content-Length, believes the content type before the name, and goes on with a
 * broken download by Range and If-Match.
 */
export async function answerHttp(request: HttpRequest, options: HttpAnswerOptions): Promise<HttpResponse> {
  const name = request.path.slice(1);
  const path = options.pathOf(name);
  if (path === undefined || !request.path.startsWith('/')) return withoutBody(404);
  if (request.method !== 'GET' && request.method !== 'HEAD') return withoutBody(405, { Allow: 'GET, HEAD' });
  let file: ReadableFile | undefined;
  try {
    file = await options.files.open(path);
  } catch (thrown) {
    const reason = `${request.path} cannot be sent: ${faultFrom(thrown).message}`;
    options.emit({ type: 'packet.dropped', from: request.remoteAddress, reason });
    return withoutBody(500);
  }
  if (file === undefined) return withoutBody(404);
  const { head, start, end } = describe(request, file, contentTypeOf(name));
  const about = { address: request.remoteAddress, file: name, protocol: 'http', bytes: file.sizeBytes } as const;
  if (head.status >= 300 || request.method === 'HEAD') {
    await file.close();
    if (head.status < 300) options.emit({ type: 'file.probed', ...about });
    return head;
  }
  options.emit({ type: 'file.started', ...about });
  const begun = options.clock.monotonic();
  return {
    ...head,
    body: file.stream(start, end),
    onFinished: (sentBytes) => {
      void file.close();
      options.emit({
        type: 'file.served',
        ...about,
        bytes: sentBytes,
        complete: sentBytes === end - start,
        durationMillis: Math.round(options.clock.monotonic() - begun),
      });
    },
  };
}

/** Status, headers, and the bytes to be sent, after the conditions of RFC 9110 sections 13 and 14. */
function describe(
  { headers: asked }: HttpRequest,
  { sizeBytes, revision }: ReadableFile,
  contentType: string,
): { readonly head: HttpResponse; readonly start: number; readonly end: number } {
  const tag = revision === undefined ? undefined : `"${revision}"`;
  const isOurs = (name: string) => {
    const tags = textOf(asked[name]);
    return tags === undefined || tags === '*' || tags.split(',').some((one) => one.trim() === tag);
  };
  const common = {
    'Content-Type': contentType,
    'Accept-Ranges': 'bytes',
    ...(tag === undefined ? {} : { ETag: tag }),
  };
  if (!isOurs('if-match')) return { head: withoutBody(412), start: 0, end: 0 };
  const range = isOurs('if-range') ? parseRange(textOf(asked['range']), sizeBytes) : undefined;
  if (range === 'unsatisfiable') {
    return { head: withoutBody(416, { 'Content-Range': `bytes */${sizeBytes}` }), start: 0, end: 0 };
  }
  const { start, end } = range ?? { start: 0, end: sizeBytes };
  const headers = {
    ...common,
    'Content-Length': String(end - start),
    ...(range === undefined ? {} : { 'Content-Range': `bytes ${start}-${end - 1}/${sizeBytes}` }),
  };
  return { head: { status: range === undefined ? 200 : 206, headers }, start, end };
}

/** OVMF starts what ends in `.efi` or is `application/efi`; iPXE knows its scripts by themselves. */
function contentTypeOf(name: string): string {
  if (name.endsWith('.ipxe')) return 'text/plain; charset=utf-8';
  return name.endsWith('.efi') ? 'application/efi' : 'application/octet-stream';
}

const textOf = (header: string | string[] | undefined) => (Array.isArray(header) ? header[0] : header);

const withoutBody = (status: number, headers: Readonly<Record<string, string>> = {}): HttpResponse => ({
  status,
  headers: { ...headers, 'Content-Length': '0' },
});
