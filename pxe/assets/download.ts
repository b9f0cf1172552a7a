import { faultFrom } from '../../core/fault.ts';
import { millis } from '../../core/millis.ts';
import type { Clock, Files, HttpDownload, LargeFiles, OpenHttp } from '../../core/ports.ts';
import { assetRefused, assetUnreachable } from './asset-faults.ts';

export interface DownloadPorts {
  readonly openHttp: OpenHttp;
  readonly files: Pick<Files, 'open' | 'readText' | 'writeAtomically'>;
  readonly largeFiles: LargeFiles;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly signal: AbortSignal;
}

const tries = 5;
const firstPause = 1000;

/**
 * Fetches a file to `path`, which has its whole length when this resolves. What an earlier try or an earlier run has
 * fetched is gone on from, if the server says that it still is of the same file (If-Range, RFC 9110 section 13.1.5).
 * Faults: `pxe/asset-unreachable`, `pxe/asset-refused`.
 */
export async function download(url: string, path: string, ports: DownloadPorts): Promise<void> {
  let why = '';
  for (let attempt = 0; attempt < tries; attempt += 1) {
    if (attempt > 0) await ports.clock.sleep(millis(firstPause * 2 ** (attempt - 1)), ports.signal);
    if (ports.signal.aborted) break;
    try {
      const cut = await fetchRest(url, path, ports);
      if (cut === undefined) {
        await ports.largeFiles.remove(tagPathOf(path));
        return;
      }
      why = cut;
    } catch (thrown) {
      const fault = faultFrom(thrown);
      if (fault.kind !== 'environment') throw fault;
      why = fault.message;
    }
  }
  throw assetUnreachable({ url, why: ports.signal.aborted ? 'it was given up' : why, tries });
}

/** What names the very content that a part belongs to. */
const tagPathOf = (path: string) => `${path}.tag`;

/** One try; `undefined` when all is there, else why it is not. */
async function fetchRest(url: string, path: string, ports: DownloadPorts): Promise<string | undefined> {
  const { files, largeFiles, openHttp, signal } = ports;
  const tag = await files.readText(tagPathOf(path));
  const have = tag === undefined ? 0 : await sizeOf(files, path);
  const headers: Record<string, string> =
    tag === undefined || have === 0 ? {} : { range: `bytes=${have}-`, 'if-range': tag };
  const answer = await openHttp({ method: 'GET', url, headers }, signal);
  if (answer.status === 416) {
    await largeFiles.remove(path);
    return 'the part that was there is longer than the file';
  }
  if (answer.status >= 500 || answer.status === 429) return `the server answers ${answer.status}`;
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(answer.headers['content-range'] ?? '');
  const isRest = answer.status === 206 && have > 0 && Number(range?.[1]) === have;
  if (answer.status !== 200 && !isRest) {
    throw assetRefused({ url, status: answer.status, text: await shortTextOf(answer) });
  }
  if (!isRest) await largeFiles.remove(path);
  // A weak tag (W/…) does not promise the same bytes.
  const { etag, 'last-modified': lastModified } = answer.headers;
  const newTag = etag === undefined || etag.startsWith('W/') ? lastModified : etag;
  if (newTag === undefined) await largeFiles.remove(tagPathOf(path));
  else await files.writeAtomically(tagPathOf(path), newTag, 0o644);

  const length = isRest ? range?.[2] : answer.headers['content-length'];
  const written = await append(path, answer, largeFiles);
  if (length === undefined || written === Number(length)) return undefined;
  if (written > Number(length)) await largeFiles.remove(path);
  return `${written} of ${length} bytes arrived`;
}

/** Writes what comes until it ends or is cut; gives the length of the file then. */
async function append(path: string, { body }: HttpDownload, largeFiles: LargeFiles): Promise<number> {
  const file = await largeFiles.append(path);
  let { sizeBytes } = file;
  try {
    for await (const chunk of body) {
      await file.write(chunk);
      sizeBytes += chunk.length;
    }
  } finally {
    await file.close();
  }
  return sizeBytes;
}

async function sizeOf(files: Pick<Files, 'open'>, path: string): Promise<number> {
  const file = await files.open(path);
  await file?.close();
  return file?.sizeBytes ?? 0;
}

/** The factory says in plain text what is wrong. */
export async function shortTextOf({ body }: HttpDownload): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > 300) break;
  }
  return text.slice(0, 300).trim();
}
