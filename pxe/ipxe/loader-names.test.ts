import { describe, expect, it } from 'vitest';
import { loaderNames } from './loader-names.ts';

describe('loaderNames', () => {
  it('names every iPXE of the boot-file table once, though PXE and HTTP both have it', () => {
    expect(loaderNames()).toEqual(['undionly.kpxe', 'snponly.efi', 'snponly-arm64.efi']);
  });

  it('names what machines of one kind need', () => {
    expect(loaderNames({ architectures: ['amd64'] })).toEqual(['undionly.kpxe', 'snponly.efi']);
    expect(loaderNames({ architectures: ['amd64'], firmware: 'uefi' })).toEqual(['snponly.efi']);
    expect(loaderNames({ architectures: ['arm64'], firmware: 'bios' })).toEqual([]);
  });
});
