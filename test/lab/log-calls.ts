import { status } from '@grpc/grpc-js';
import type { Event } from '../../talos/gen/machine/event_pb.ts';
import type { MachineService } from '../../talos/gen/machine/machine_pb.ts';
import type { LineLog } from './line-log.ts';
import { MessageQueue } from './message-queue.ts';
import { Refusal, type TalosHandlers } from './talos-call.ts';
import type { TalosNode } from './talos-node.ts';

/** What the node has to tell of itself: events, the kernel log, the logs of services. */
export function logCalls(node: TalosNode): Pick<TalosHandlers<typeof MachineService>, 'events' | 'dmesg' | 'logs'> {
  return {
    async *events(wish, { signal }) {
      const queue = new MessageQueue<Event>(signal);
      const stop = node.events.follow(wish, queue);
      try {
        yield* queue;
      } finally {
        stop();
      }
    },

    dmesg: ({ follow, tail }, { signal }) => linesOf(node.kernelLog, tail ? 0 : -1, follow ? signal : undefined),

    logs({ namespace, id, follow, tailLines }, { signal }) {
      const log = namespace === 'system' ? node.logs.get(id) : undefined;
      if (log === undefined) throw new Refusal(status.UNKNOWN, `log "${id}" was not registered`);
      return linesOf(log, tailLines, follow ? signal : undefined);
    },
  };
}

/** With a signal it goes on until that. */
async function* linesOf(log: LineLog, last: number, until: AbortSignal | undefined) {
  const queue = new MessageQueue<string>(until);
  for (const line of log.last(last)) queue.put(line);
  if (until === undefined) queue.close();
  const stop = until === undefined ? undefined : log.follow(queue);
  try {
    for await (const line of queue) yield { bytes: Buffer.from(`${line}\n`) };
  } finally {
    stop?.();
  }
}
