import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeFiles } from '../../bin/platform/node-files.ts';
import { whyNotSigned } from '../../pxe/assets/authenticode.ts';
import { peImage } from '../../pxe/assets/pe.fixture.ts';
import { readUki } from '../../pxe/assets/read-uki.ts';
import { runClient } from './run-client.ts';

let directory: string;
const at = (name: string) => join(directory, name);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rackwright-signature-'));
  await writeFile(
    at('plain.efi'),
    peImage({ '.osrel': 'ID=talos', '.linux': new Uint8Array(70_001).fill(7), '.initrd': 'i' }),
  );
  for (const name of ['factory', 'other']) {
    const subject = ['-subj', `/CN=${name}`, '-days', '2'];
    const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', at(`${name}.key`), '-out', at(`${name}.pem`)];
    await runClient('openssl', ['req', '-x509', '-sha256', ...key, ...subject]);
  }
  await sign('factory', 'plain.efi', 'signed.efi');
  await sign('other', 'plain.efi', 'foreign.efi');
  await sign('factory', 'foreign.efi', 'twice.efi');
});

afterAll(() => rm(directory, { recursive: true, force: true }));

describe('the signature of a UKI that sbsign signed', () => {
  it('is that of the pinned certificate', async () => {
    expect(await whyNot('signed.efi')).toBeUndefined();
  });

  it('is found among several', async () => {
    expect(await whyNot('twice.efi')).toBeUndefined();
  });

  it('is refused when somebody else signed', async () => {
    expect(await whyNot('foreign.efi')).toBe('it was signed by somebody else than CN=factory');
  });

  it('is missed when there is none', async () => {
    expect(await whyNot('plain.efi')).toBe('it has no signature');
  });

  it('covers every byte but checksum and signature, so that no change goes unseen', async () => {
    const signed = await readFile(at('signed.efi'));
    const { image } = (await ukiOf('signed.efi')) ?? {};
    if (image?.certificates === undefined) throw new Error('sbsign left no signature');
    for (const place of [
      2,
      image.checksumOffset - 1,
      image.sections[1]?.offsetBytes ?? 0,
      image.certificates.offsetBytes - 1,
    ]) {
      const changed = Buffer.from(signed);
      changed[place] = (changed[place] ?? 0) ^ 1;
      await writeFile(at('changed.efi'), changed);
      expect(await whyNot('changed.efi')).toBe('its content is not what was signed');
    }
    for (const place of [image.certificates.offsetBytes + 60, signed.length - 100]) {
      const changed = Buffer.from(signed);
      changed[place] = (changed[place] ?? 0) ^ 1;
      await writeFile(at('changed.efi'), changed);
      expect(await whyNot('changed.efi')).toEqual(expect.any(String));
    }
    await writeFile(at('changed.efi'), Buffer.concat([signed, Buffer.alloc(8)]));
    expect(await whyNot('changed.efi')).toBe('its signature is not the end of the file');
  });
});

async function sign(name: string, from: string, to: string): Promise<void> {
  await runClient('sbsign', ['--key', at(`${name}.key`), '--cert', at(`${name}.pem`), '--output', at(to), at(from)]);
}

async function ukiOf(name: string) {
  const file = await nodeFiles.open(at(name));
  if (file === undefined) throw new Error(`${name} is not there`);
  try {
    return await readUki(file);
  } finally {
    await file.close();
  }
}

async function whyNot(name: string): Promise<string | undefined> {
  const uki = await ukiOf(name);
  const file = await nodeFiles.open(at(name));
  if (uki === undefined || file === undefined) throw new Error(`${name} is no EFI program`);
  try {
    return await whyNotSigned(file, uki.image, await readFile(at('factory.pem'), 'utf8'));
  } finally {
    await file.close();
  }
}
