/**
 * Talos minor versions, oldest first, for which generated configs are proven by Talos' own machinery (test/peers): of
 * v1.11.6, v1.12.7 and v1.13.9, and of v1.14 an early release, v1.14.0-alpha.2.
 */
export const supportedTalosMinors = ['v1.11', 'v1.12', 'v1.13', 'v1.14'] as const;

/** Kubernetes minors that each supported Talos accepts (machinery, compatibility/talos1NN). */
export const supportedKubernetesMinors: Readonly<
  Record<(typeof supportedTalosMinors)[number], readonly [number, number]>
> = { 'v1.11': [29, 34], 'v1.12': [30, 35], 'v1.13': [31, 36], 'v1.14': [32, 37] };

/** `v1.13` of `v1.13.9` or `v1.13.0-rc.1`. */
export const minorOf = (version: string): string => version.replace(/\.\d+(-.*)?$/, '');
