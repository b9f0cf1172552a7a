import { describe, expect, it } from 'vitest';
import { chooseFace } from './choose-face.ts';

const terminal = { isTty: true, noTui: false, env: { TERM: 'xterm-256color', LANG: 'en_US.UTF-8' } };
const withEnv = (env: Record<string, string>) => chooseFace({ ...terminal, env: { ...terminal.env, ...env } });

describe('chooseFace', () => {
  it('gives the coloured screen to a person at a terminal', () => {
    expect(chooseFace(terminal)).toEqual({ kind: 'screen', hasColour: true, isUtf8: true });
  });

  it('gives plain lines without colour to a pipe', () => {
    expect(chooseFace({ ...terminal, isTty: false })).toMatchObject({ kind: 'plain', hasColour: false });
  });

  it('gives JSON to who asks for it, on a terminal too', () => {
    expect(chooseFace({ ...terminal, output: 'json' })).toMatchObject({ kind: 'json', hasColour: false });
  });

  it('gives plain lines to who wants no screen, to CI and to a terminal without a cursor', () => {
    expect(chooseFace({ ...terminal, noTui: true }).kind).toBe('plain');
    expect(withEnv({ CI: 'true' }).kind).toBe('plain');
    expect(withEnv({ TERM: 'dumb' }).kind).toBe('plain');
    expect(withEnv({ TERM: '' }).kind).toBe('plain');
  });

  it('takes colour away for any NO_COLOR but an empty one, and keeps the screen', () => {
    expect(withEnv({ NO_COLOR: '0' })).toMatchObject({ kind: 'screen', hasColour: false });
    expect(withEnv({ NO_COLOR: '' }).hasColour).toBe(true);
  });

  it('reads the locale in the order of POSIX: LC_ALL, LC_CTYPE, LANG', () => {
    expect(withEnv({ LC_ALL: 'C' }).isUtf8).toBe(false);
    expect(withEnv({ LANG: 'C', LC_CTYPE: 'C.utf8' }).isUtf8).toBe(true);
    expect(chooseFace({ ...terminal, env: { TERM: 'xterm' } }).isUtf8).toBe(false);
  });

  it('writes ASCII to a serial terminal', () => {
    expect(withEnv({ TERM: 'vt220' })).toMatchObject({ kind: 'screen', isUtf8: false });
  });
});
