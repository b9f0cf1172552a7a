import { status } from '@grpc/grpc-js';
import type { LifecycleService } from '../../talos/gen/machine/lifecycle_pb.ts';
import { digested, storeOf, versionOf } from './image-store.ts';
import { pace } from './pace.ts';
import { installBeside } from './sim-disk.ts';
import { Refusal, type TalosCall, type TalosHandlers } from './talos-call.ts';
import type { TalosNode } from './talos-node.ts';

const busy = new WeakSet<TalosNode>();

/** machine.LifecycleService, Talos 1.13 and newer. The status is OK however the installer ended. */
export function lifecycleHandlers(node: TalosNode): TalosHandlers<typeof LifecycleService> {
  const { clock, random, disks } = node.host;

  async function* run(image: string, target: string, { signal }: TalosCall, write: (version: string) => void) {
    if (busy.has(node)) throw new Refusal(status.FAILED_PRECONDITION, 'another installation is in progress');
    busy.add(node);
    const message = (text: string) => ({ progress: { response: { case: 'message' as const, value: text } } });
    const exit = (code: number) => ({ progress: { response: { case: 'exitCode' as const, value: code } } });
    try {
      // Cut as a pipe cuts: not at the ends of lines.
      yield message(`running Talos installer ${versionOf(image) ?? ''}\nwriting to `);
      await clock.sleep(random.around(pace.writeDisk), signal);
      if (signal.aborted) return;
      if (node.host.strikes('upgrade-fails')) {
        yield message(`${target}\nError: no space left on device\n`);
        yield exit(1);
        return;
      }
      write(versionOf(image) ?? node.version);
      node.change({});
      yield message(`${target}\ninstallation of ${versionOf(image) ?? ''} complete`);
      yield exit(0);
    } finally {
      busy.delete(node);
    }
  }

  const present = (store: string, image: string) => {
    const digest = digested(image);
    const isThere = [...node.images].some(
      ([key, value]) => key === `${store} ${image}` || (key.startsWith(`${store} `) && value === digest),
    );
    if (!isThere) throw new Refusal(status.NOT_FOUND, `image "${image}": not found`);
  };

  return {
    async *install({ containerd, source, destination }, call) {
      if (node.systemDisk !== undefined) throw new Refusal(status.ALREADY_EXISTS, 'Talos is already installed');
      const image = source?.imageName ?? '';
      present(storeOf(node, containerd), image);
      const disk = disks.find(({ hardware }) => hardware.path === destination?.disk);
      if (disk === undefined) throw new Refusal(status.NOT_FOUND, `disk ${destination?.disk ?? ''} not found`);
      yield* run(image, disk.hardware.path, call, (version) => disk.writeTalos(version, node.config?.text));
    },

    async *upgrade({ containerd, source }, call) {
      const disk = node.systemDisk;
      const install = disk?.install;
      if (install === undefined) throw new Refusal(status.FAILED_PRECONDITION, 'Talos is not installed');
      const image = source?.imageName ?? '';
      present(storeOf(node, containerd), image);
      yield* run(image, disk?.hardware.path ?? '', call, (version) => {
        // A second upgrade before the reboot replaces the first: what runs stays the one to fall back to.
        if (install.isUnproven) install.version = version;
        else installBeside(install, version);
      });
    },
  };
}
