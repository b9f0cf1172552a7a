/** PEM in base64: how Talos carries certificates and keys in YAML. */
export const encodePem = (pem: string): string => Buffer.from(pem, 'utf8').toString('base64');

export const encodePair = ({ crt, key }: { crt: string; key: string }) => ({
  crt: encodePem(crt),
  key: encodePem(key),
});

export const decodePem = (encoded: string): string => Buffer.from(encoded, 'base64').toString('utf8');
