/** The boot room: makes a machine that powers on boot what was decided. */
export { type Ukis } from './boot-file.ts';
export { type BootIntent } from './decide-boot.ts';
export { type BootClient } from './identify-client.ts';
export { type BootPorts, type BootService, type BootServiceOptions, serveBoots } from './serve-boots.ts';
