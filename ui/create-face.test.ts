import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Event } from '../core/event.ts';
import { millis } from '../core/millis.ts';
import type { FaceKind } from './choose-face.ts';
import { createFace } from './create-face.ts';
import { sampleFault, samplePlan, sampleRun, stamp } from './testing/sample-run.ts';

const clock = {
  now: () => new Date('2026-09-11T10:00:00Z'),
  monotonic: () => millis(0),
  sleep: (_span: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve())),
};

class Collected extends PassThrough {
  text = '';
  readonly isTTY: boolean;
  constructor(isTTY = false) {
    super();
    this.isTTY = isTTY;
    this.on('data', (chunk: Buffer) => {
      this.text += chunk.toString();
    });
  }
}

function faceOf(kind: FaceKind, { isTTY = false } = {}) {
  const [out, err] = [new Collected(), new Collected()];
  const input = Object.assign(new PassThrough(), { isTTY });
  return { face: createFace({ kind, out, err, input, clock, isUtf8: false, hasColour: false }), out, err, input };
}

const failed: Event = {
  type: 'step.failed',
  step: 'install/cp-1',
  title: 'Install Talos',
  machine: 'cp-1',
  fault: sampleFault,
};
const never = new AbortController().signal;

describe('the plain face', () => {
  it('writes lines to the output and faults to the error stream', async () => {
    const { face, out, err } = faceOf('plain');
    for (const event of [...sampleRun, failed]) face.show(stamp(event));
    await face.close();
    expect(out.text).toContain('start    cp-1: Install Talos\n');
    expect(out.text).not.toContain(sampleFault.code);
    expect(err.text).toMatch(/failed {3}cp-1: Install Talos: not done after[^]*code {2}core\/step-timeout\n$/);
  });

  it('shows the plan once, and asks where somebody sees it', async () => {
    const { face, out, err, input } = faceOf('plain', { isTTY: true });
    face.show(stamp({ type: 'plan.proposed', plan: samplePlan }));
    input.write('y\n');
    expect(await face.askToWrite(samplePlan, { needsTypedNames: [] }, never)).toBe('yes');
    await face.close();
    expect(out.text.match(/serial S64FNX0R900001/g)).toHaveLength(1);
    expect(err.text).toBe('Write 2 disks and run these steps? [y/N] ');
  });

  it('shows a plan that is asked about and was not shown', async () => {
    const { face, out } = faceOf('plain');
    expect(await face.askToWrite(samplePlan, { needsTypedNames: ['node-1'] }, never)).toBe('no');
    await face.close();
    expect(out.text).toContain('!! DATA WILL BE LOST on 1 disk');
  });

  it('writes nothing after it was closed', async () => {
    const { face, out } = faceOf('plain');
    await face.close();
    face.show(stamp(failed));
    expect(out.text).toBe('');
  });
});

describe('the JSON face', () => {
  it('has one object a line on the output, for every event and for nothing else', async () => {
    const { face, out, err, input } = faceOf('json', { isTTY: true });
    for (const event of [...sampleRun, failed]) face.show(stamp(event));
    input.write('node-1\n');
    expect(await face.askToWrite(samplePlan, { needsTypedNames: ['node-1'] }, never)).toBe('yes');
    await face.close();
    const types = out.text
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { type: string }).type);
    expect(types).toEqual([...sampleRun, failed].map(({ type }) => type));
    expect(err.text).toContain('!! DATA WILL BE LOST on 1 disk');
    expect(err.text).toContain('Type its name to go on: ');
  });
});
