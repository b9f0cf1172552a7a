import { faultFrom } from '../../core/fault.ts';
import type { AskHttp, HttpAnswer } from '../../core/ports.ts';
import type { RackSpec } from '../../core/rack-spec.ts';
import type { ImageAnswer } from './probes.ts';

/** What registries serve a tag or digest as; the answer is only looked at, not read. */
const accept = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/**
 * Asks where a machine would ask, mirrors first, whether an image is there (OCI distribution, section "Checking if content
 * exists in the registry"). Only an answer counts: that this computer has no way there says nothing of the machines.
 * Never rejects.
 */
export async function probeImage(
  reference: string,
  registries: RackSpec['registries'],
  ask: AskHttp,
  signal: AbortSignal,
): Promise<ImageAnswer> {
  const { host, repository, version } = parseReference(reference);
  let last: ImageAnswer = { kind: 'unasked', why: 'no registry is allowed to be asked' };
  for (const base of placesOf(host, registries)) {
    last = await probeAt(`${base}/${repository}/manifests/${version}`, ask, signal).catch((thrown: unknown) => ({
      kind: 'unasked' as const,
      why: faultFrom(thrown).message,
    }));
    if (last.kind === 'there') return last;
  }
  return last;
}

/** `ghcr.io/siderolabs/installer:v1.13.9` in its parts; without a host it is Docker Hub's. */
export function parseReference(reference: string): { host: string; repository: string; version: string } {
  const [, path = '', tag = 'latest', digest] = /^(.*?)(?::([\w.-]+))?(?:@(.+))?$/.exec(reference) ?? [];
  const [first = '', ...rest] = path.split('/');
  const hasHost = rest.length > 0 && /[.:]|^localhost$/.test(first);
  return {
    host: hasHost ? first : 'docker.io',
    repository: hasHost ? rest.join('/') : rest.length === 0 ? `library/${path}` : path,
    version: digest ?? tag,
  };
}

function placesOf(host: string, registries: RackSpec['registries']): readonly string[] {
  const mirror = registries?.mirrors[host] ?? registries?.mirrors['*'];
  const endpoints = (mirror?.endpoints ?? []).map((endpoint) => {
    const base = endpoint.replace(/\/$/, '');
    return mirror?.overridePath === true ? base : `${base}/v2`;
  });
  const own = `https://${host === 'docker.io' ? 'registry-1.docker.io' : host}/v2`;
  return mirror === undefined || mirror.fallback ? [...endpoints, own] : endpoints;
}

async function probeAt(url: string, ask: AskHttp, signal: AbortSignal): Promise<ImageAnswer> {
  const head = (headers: Record<string, string>) =>
    ask({ method: 'HEAD', url, headers: { accept, ...headers } }, signal);
  const first = await head({});
  const token = first.status === 401 ? await tokenFor(first, ask, signal) : undefined;
  const answer = token === undefined ? first : await head({ authorization: `Bearer ${token}` });
  const digest = answer.headers['docker-content-digest'];
  if (answer.status === 200) return { kind: 'there', ...(digest === undefined ? {} : { digest }) };
  if (answer.status === 404) return { kind: 'missing', says: `${new URL(url).host} answers 404` };
  return { kind: 'unasked', why: `${new URL(url).host} answers ${answer.status}` };
}

/** What a registry hands to everybody who asks, named in its refusal: `Bearer realm="…",service="…",scope="…"`. */
async function tokenFor({ headers }: HttpAnswer, ask: AskHttp, signal: AbortSignal): Promise<string | undefined> {
  const challenge = headers['www-authenticate'] ?? '';
  const word = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1];
  const realm = word('realm');
  if (!/^bearer /i.test(challenge) || realm === undefined || !URL.canParse(realm)) return undefined;
  const url = new URL(realm);
  for (const name of ['service', 'scope']) {
    const value = word(name);
    if (value !== undefined) url.searchParams.set(name, value);
  }
  const { status, text } = await ask({ method: 'GET', url: url.href }, signal);
  if (status !== 200) return undefined;
  try {
    const { token, access_token: other } = JSON.parse(text) as { token?: unknown; access_token?: unknown };
    return [token, other].find((one) => typeof one === 'string');
  } catch {
    return undefined;
  }
}
