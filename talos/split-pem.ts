/** The certificates of a text that may hold several, such as a bundle of authorities; what is between them is left out. */
export const splitPem = (pem: string): string[] =>
  pem.match(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g) ?? [];
