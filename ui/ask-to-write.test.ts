import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { askToWrite } from './ask-to-write.ts';
import { samplePlan } from './testing/sample-run.ts';

const never = new AbortController().signal;

/** Asks, and types this when the question stands; the end of the text is the end of the input. */
async function answerTo(
  typed: string | readonly string[] | undefined,
  needsTypedNames: readonly string[] = [],
  { isTTY = true, signal = never }: { isTTY?: boolean; signal?: AbortSignal } = {},
) {
  const input = Object.assign(new PassThrough(), { isTTY });
  let said = '';
  let lines = 0;
  const write = (text: string) => {
    said += text;
    if (!said.endsWith(': ') && !said.endsWith('[y/N] ')) return;
    if (typeof typed === 'string') input.end(typed);
    else if (typed !== undefined) input.write(typed[lines++]);
  };
  const answer = askToWrite(
    samplePlan,
    { needsTypedNames },
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
    expect((await answerTo('node-1\n', ['node-1'])).answer).toBe('yes');
    for (const typed of ['yes\n', 'node-10\n', 'Node-1\n', ' node-1\n', 'rack-7\n', '\n', '']) {
      expect([typed, (await answerTo(typed, ['node-1'])).answer]).toEqual([typed, 'no']);
    }
  });

  it('asks for one machine after the other, and stops at the first that is not named', async () => {
    const names = ['node-1', 'node-2'];
    const both = await answerTo(['node-1\n', 'node-2\n'], names);
    expect(both.answer).toBe('yes');
    expect(both.said).toContain('data on node-1.');
    expect(both.said).toContain('data on node-2.');
    expect((await answerTo(['node-1\n', 'node-1\n'], names)).answer).toBe('no');
    const none = await answerTo(['\n'], names);
    expect(none.answer).toBe('no');
    expect(none.said).not.toContain('node-2');
  });

  it('says how many disks are written, and on which machine data is lost', async () => {
    expect((await answerTo('n\n')).said).toContain('Write 2 disks');
    expect((await answerTo('n\n', ['node-1'])).said).toContain('This destroys data on node-1. Type its name');
  });

  it('answers no where nobody can be asked, and names the flag', async () => {
    const plain = await answerTo(undefined, [], { isTTY: false });
    expect(plain.answer).toBe('no');
    expect(plain.said).toContain('Add --yes to');
    const lossy = await answerTo(undefined, ['node-1'], { isTTY: false });
    expect(lossy.answer).toBe('no');
    expect(lossy.said).toContain('--yes and --confirm node-1');
    const more = await answerTo(undefined, ['node-1', 'node-2'], { isTTY: false });
    expect(more.said).toContain('--yes and --confirm rack-7');
  });

  it('answers no when the question is taken back, and leaves the input alone from then on', async () => {
    const leaving = new AbortController();
    const asked = answerTo(undefined, ['node-1'], { signal: leaving.signal });
    leaving.abort();
    const { answer, input } = await asked;
    expect(answer).toBe('no');
    expect(input.isPaused()).toBe(true);
    expect(input.listenerCount('data')).toBe(0);
  });

  it('does not even ask when it is taken back before', async () => {
    const { answer, said } = await answerTo(undefined, [], { signal: AbortSignal.abort() });
    expect(answer).toBe('no');
    expect(said).not.toContain('[y/N]');
  });
});
