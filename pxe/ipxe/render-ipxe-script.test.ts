import { describe, expect, it } from 'vitest';
import { renderIpxeScript } from './render-ipxe-script.ts';

describe('renderIpxeScript', () => {
  it('names kernel, initrd and the whole command line in one line', () => {
    const from = { httpOrigin: 'http://10.0.0.2:8080', linux: 'k', initrd: 'i' };
    expect(renderIpxeScript({ ...from, commandLine: 'talos.platform=metal\n console=tty0\t\n' })).toBe(
      '#!ipxe\nkernel http://10.0.0.2:8080/k initrd=i talos.platform=metal console=tty0\ninitrd http://10.0.0.2:8080/i\nboot\n',
    );
    expect(renderIpxeScript({ ...from, commandLine: '' })).toContain('/k initrd=i\n');
  });
});
