import { minutes } from '../../core/millis.ts';
import type { CallOptions } from '../call-end.ts';
import { type ContainerdInstance, containerdInstances } from '../containerd-instance.ts';
import { LifecycleService, type LifecycleServiceInstallProgress } from '../gen/machine/lifecycle_pb.ts';
import type { GrpcChannel } from '../grpc-channel.ts';
import { openServerStream } from '../grpc-stream.ts';
import { LineSplitter } from '../line-splitter.ts';
import { talosInstallerFailed, talosStreamCut } from '../talos-faults.ts';

export interface InstallerRequest {
  /** The installer image. It has to be on the machine already: `pullImage`. */
  readonly image: string;
  readonly from: ContainerdInstance;
  /** The installer's output, line by line. */
  readonly onLine?: (line: string) => void;
}

/**
 * Runs an installer on the machine; Talos 1.13 and later. Nothing is drained, etcd is not asked, and nothing reboots:
 * that is the caller's. One at a time, `talos/not-ready` otherwise. `talos/installer-failed` with the end of its output;
 * `talos/stream-cut` when nobody knows how it ended.
 */
export interface LifecycleCalls {
  /** To a disk of a machine that has no Talos yet, `talos/already-exists` otherwise. */
  lifecycleInstall(request: InstallerRequest & { disk: string }, options?: CallOptions): Promise<void>;
  /** Beside what runs, for the next boot. */
  lifecycleUpgrade(request: InstallerRequest, options?: CallOptions): Promise<void>;
}

export function lifecycleCalls(channel: GrpcChannel): LifecycleCalls {
  const { at } = channel;
  const lifecycle = LifecycleService.method;
  const sourceOf = ({ image, from }: InstallerRequest) => ({
    containerd: containerdInstances[from],
    source: { imageName: image },
  });
  // An installer that writes to a slow disk says nothing for a while.
  const patient = (options?: CallOptions) => ({ deadline: minutes(5), ...options });
  return {
    lifecycleInstall({ disk, ...request }, options) {
      const sent = { ...sourceOf(request), destination: { disk } };
      const messages = openServerStream(channel, lifecycle.install, sent, patient(options));
      return watchInstaller(messages, request, { at, call: 'Install' });
    },
    lifecycleUpgrade(request, options) {
      const messages = openServerStream(channel, lifecycle.upgrade, sourceOf(request), patient(options));
      return watchInstaller(messages, request, { at, call: 'Upgrade' });
    },
  };
}

/** How many of the last lines a fault quotes. */
const quoted = 5;

/** The status of the call is OK whatever the installer did: only its exit code tells. */
async function watchInstaller(
  messages: AsyncIterable<{ progress?: LifecycleServiceInstallProgress | undefined }>,
  { onLine }: InstallerRequest,
  about: { at: string; call: string },
): Promise<void> {
  const last: string[] = [];
  const lines = new LineSplitter((line) => {
    last.push(line);
    if (last.length > quoted) last.shift();
    onLine?.(line);
  });
  let exitCode: number | undefined;
  for await (const { progress } of messages) {
    if (progress?.response.case === 'message') lines.push(progress.response.value);
    if (progress?.response.case === 'exitCode') exitCode = progress.response.value;
  }
  lines.end();
  if (exitCode === undefined) throw talosStreamCut({ ...about, reason: 'no exit code of the installer came' });
  if (exitCode !== 0) throw talosInstallerFailed({ ...about, exitCode, output: last.join(' / ') });
}
