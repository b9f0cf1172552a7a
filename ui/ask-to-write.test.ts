import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { askToWrite } from './ask-to-write.ts';
import { samplePlan } from './testing/sample-run.ts';

const never = new AbortController().signal;

/** Asks, and types this when the question stands; the end of the text is the end of the input. */
async function answerTo(
  typed: string | undefined,
  needsTypedName?: string,
  { isTTY = true, signal = never }: { isTTY?: boolean; signal?: AbortSignal } = {},
) {
  const input = Object.assign(new PassThrough(), { isTTY });
  let said = '';
  const write = (text: string) => {
    said += text;
    if (typed !== undefined && said.endsWith(': ')) input.end(typed);
    if (typed !== undefined && said.endsWith('[y/N] ')) input.end(typed);
  };
  const answer = askToWrite(
    samplePlan,
    { needsTypedName },
    { input, sink: { write, flush: () => Promise.resolve() } },
    signal,
  );
  return { answer: await answer, said, input };
}

describe('askToWrite', () => {
  it.each(['y\n', 'yes\n', 'YES\r\n', ' y \n'])('takes %j for a yes', async (typed) => {
    expect((await answerTo(typed)).answer).toBe('yes');
  });

  it.each(['\n', 'n\n', 'yep\n', 'no yes\n', ''])(
    'takes %j for a no, and says that nothing was written',
    async (typed) => {
      const { answer, said } = await answerTo(typed);
      expect(answer).toBe('no');
      expect(said).toContain('Nothing was written.');
    },
  );

  it('takes only the exact name where data would be lost', async () => {
    expect((await answerTo('rack-7\n', 'rack-7')).answer).toBe('yes');
    for (const typed of ['yes\n', 'rack-70\n', 'Rack-7\n', ' rack-7\n', '\n', '']) {
      expect([typed, (await answerTo(typed, 'rack-7')).answer]).toEqual([typed, 'no']);
    }
  });

  it('says how many disks are written, and how many lose data', async () => {
    expect((await answerTo('n\n')).said).toContain('Write 2 disks');
    expect((await answerTo('n\n', 'rack-7')).said).toContain('This destroys data (1 disk). Type rack-7');
  });

  it('answers no where nobody can be asked, and names the flag', async () => {
    const plain = await answerTo(undefined, undefined, { isTTY: false });
    expect(plain.answer).toBe('no');
    expect(plain.said).toContain('Add --yes to');
    const lossy = await answerTo(undefined, 'rack-7', { isTTY: false });
    expect(lossy.answer).toBe('no');
    expect(lossy.said).toContain('--yes --confirm rack-7');
  });

  it('answers no when the question is taken back, and leaves the input alone from then on', async () => {
    const leaving = new AbortController();
    const asked = answerTo(undefined, 'rack-7', { signal: leaving.signal });
    leaving.abort();
    const { answer, input } = await asked;
    expect(answer).toBe('no');
    expect(input.isPaused()).toBe(true);
    expect(input.listenerCount('data')).toBe(0);
  });

  it('does not even ask when it is taken back before', async () => {
    const { answer, said } = await answerTo(undefined, undefined, { signal: AbortSignal.abort() });
    expect(answer).toBe('no');
    expect(said).not.toContain('[y/N]');
  });
});
