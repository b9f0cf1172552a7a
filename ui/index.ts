export type { Answer, AskOptions } from './ask-to-write.ts';
export { chooseFace, type FaceKind, type FaceWishes } from './choose-face.ts';
export { createFace } from './create-face.ts';
export type { Face, FaceOptions } from './face.ts';
export type { Look } from './look.ts';
