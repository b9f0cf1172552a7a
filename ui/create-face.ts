import type { FaceKind } from './choose-face.ts';
import type { Face, FaceOptions } from './face.ts';
import { createJsonFace } from './json-face.ts';
import { createPlainFace } from './plain-face.ts';
import { createScreenFace } from './screen-face.ts';

/** The face of this kind, on these streams. It reads neither the environment nor the process. */
export function createFace({ kind, ...options }: FaceOptions & { readonly kind: FaceKind }): Face {
  switch (kind) {
    case 'screen':
      return createScreenFace(options);
    case 'plain':
      return createPlainFace(options);
    case 'json':
      return createJsonFace(options);
  }
}
