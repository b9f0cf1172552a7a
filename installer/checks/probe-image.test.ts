import { describe, expect, it } from 'vitest';
import { defineFault } from '../../core/fault.ts';
import type { AskHttp, HttpAnswer } from '../../core/ports.ts';
import { parseReference, probeImage } from './probe-image.ts';

const silent = defineFault<{ url: string }>('test/probe-image-silent', {
  kind: 'environment',
  title: ({ url }) => `${url} is silent`,
  state: () => '',
  remedy: () => '',
});
const never = new AbortController().signal;
const image = 'ghcr.io/siderolabs/installer:v1.13.9';

function registry(answers: Record<string, Partial<HttpAnswer>>) {
  const asked: string[] = [];
  const ask: AskHttp = async ({ method, url, headers = {} }) => {
    const line = `${method} ${url}${headers['authorization'] === undefined ? '' : ` ${headers['authorization']}`}`;
    asked.push(line);
    const answer = answers[line];
    if (answer === undefined) throw silent({ url });
    return { status: 200, headers: {}, text: '', ...answer };
  };
  return { ask, asked };
}

const at = (base: string) => `HEAD ${base}/siderolabs/installer/manifests/v1.13.9`;

describe('probeImage', () => {
  it('asks the registry of the image, and tells its digest', async () => {
    const { ask } = registry({ [at('https://ghcr.io/v2')]: { headers: { 'docker-content-digest': 'sha256:1' } } });
    expect(await probeImage(image, undefined, ask, never)).toEqual({ kind: 'there', digest: 'sha256:1' });
  });

  it('fetches the token that everybody gets, and asks again with it', async () => {
    const challenge =
      'Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:siderolabs/installer:pull"';
    const { ask, asked } = registry({
      [at('https://ghcr.io/v2')]: { status: 401, headers: { 'www-authenticate': challenge } },
      ['GET https://ghcr.io/token?service=ghcr.io&scope=repository%3Asiderolabs%2Finstaller%3Apull']: {
        text: '{"token":"t"}',
      },
      [`${at('https://ghcr.io/v2')} Bearer t`]: { status: 404 },
    });
    expect(await probeImage(image, undefined, ask, never)).toEqual({ kind: 'missing', says: 'ghcr.io answers 404' });
    expect(asked).toHaveLength(3);
  });

  it.each([
    ['nobody answers', {}, /is silent/],
    ['it is refused', { status: 403 }, /ghcr.io answers 403/],
    ['the challenge is not understood', { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }, /401/],
  ])('does not know when %s', async (_what, answer, why) => {
    const { ask } = registry(Object.keys(answer).length === 0 ? {} : { [at('https://ghcr.io/v2')]: answer });
    const found = await probeImage(image, undefined, ask, never);
    expect(found).toMatchObject({ kind: 'unasked', why: expect.stringMatching(why) as string });
  });

  it('asks mirrors first, and the registry itself only where that is allowed', async () => {
    const mirrors = (fallback: boolean) => ({
      mirrors: { 'ghcr.io': { endpoints: ['http://10.0.0.5:5000'], fallback } },
    });
    const there = registry({ [at('http://10.0.0.5:5000/v2')]: {} });
    expect(await probeImage(image, mirrors(true), there.ask, never)).toEqual({ kind: 'there' });
    expect(there.asked).toHaveLength(1);
    const gone = registry({ [at('http://10.0.0.5:5000/v2')]: { status: 404 }, [at('https://ghcr.io/v2')]: {} });
    expect(await probeImage(image, mirrors(true), gone.ask, never)).toEqual({ kind: 'there' });
    expect(await probeImage(image, mirrors(false), gone.ask, never)).toMatchObject({ kind: 'missing' });
  });
});

describe('parseReference', () => {
  it.each([
    [image, 'ghcr.io', 'siderolabs/installer', 'v1.13.9'],
    ['127.0.0.1:5000/a/b:v1', '127.0.0.1:5000', 'a/b', 'v1'],
    ['localhost/a:v1', 'localhost', 'a', 'v1'],
    ['siderolabs/installer', 'docker.io', 'siderolabs/installer', 'latest'],
    ['alpine:3', 'docker.io', 'library/alpine', '3'],
    ['r.io/a:v1@sha256:ab', 'r.io', 'a', 'sha256:ab'],
  ])('takes %s apart', (text, host, repository, version) => {
    expect(parseReference(text)).toEqual({ host, repository, version });
  });
});
