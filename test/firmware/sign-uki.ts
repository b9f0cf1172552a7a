import { join } from 'node:path';
import { runCommand } from './run-command.ts';

/** Debian's ovmf has a set of variables with this key in them, and both halves of the key, whose password is no secret. */
const key = '/usr/share/ovmf/PkKek-1-snakeoil';

/** The same program with a signature that `OVMF_VARS_4M.snakeoil.fd` has the key of. */
export async function signUki(directory: string, uki: string): Promise<string> {
  const opened = join(directory, 'snakeoil.key');
  const signed = `${uki}.signed`;
  await runCommand('openssl', ['pkey', '-in', `${key}.key`, '-passin', 'pass:snakeoil', '-out', opened]);
  await runCommand('sbsign', ['--key', opened, '--cert', `${key}.pem`, '--output', signed, uki]);
  return signed;
}
