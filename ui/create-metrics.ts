import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { StampedEvent } from '../core/event.ts';

export interface Metrics {
  show(event: StampedEvent): void;
  /** In Prometheus' text format, with the content type that it is to be served as. */
  render(): Promise<{ readonly contentType: string; readonly text: string }>;
}

/**
 * The events of a run as Prometheus metrics. No label has a value that a stranger can choose, so that nobody on the boot
 * network can make them grow.
 */
export function createMetrics(): Metrics {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name: `rackwright_${name}`, help, labelNames, registers });

  const requests = counter(
    'boot_requests_total',
    'Boot requests heard, by DHCP service and whether they were answered',
    ['service', 'answered'],
  );
  const files = counter('boot_files_total', 'Boot files sent, by protocol and whether they arrived whole', [
    'protocol',
    'complete',
  ]);
  const bytes = counter('boot_file_bytes_total', 'Bytes of boot files sent', ['protocol']);
  const resent = counter('tftp_resent_blocks_total', 'TFTP blocks that had to be sent again', []);
  const dropped = counter('packets_dropped_total', 'Packets that were not answered because of what is in them', []);
  const leases = counter('leases_total', 'Changes of DHCP leases', ['state']);
  const steps = counter('steps_total', 'Steps of plans that ended, by how', ['result']);
  const checks = counter('checks_total', 'Checks before the first write, by result', ['status']);
  const seconds = new Histogram({
    name: 'rackwright_boot_file_seconds',
    help: 'How long boot files took',
    labelNames: ['protocol'],
    buckets: [0.1, 0.5, 1, 2, 5, 10, 20, 40, 80, 160],
    registers,
  });
  const exit = new Gauge({ name: 'rackwright_run_exit_code', help: 'Exit code of the run that has ended', registers });

  return {
    show(event) {
      switch (event.type) {
        case 'boot.asked':
          requests.inc({ service: event.service, answered: String(event.isAnswered) });
          break;
        case 'file.served':
          files.inc({ protocol: event.protocol, complete: String(event.complete) });
          bytes.inc({ protocol: event.protocol }, event.bytes);
          resent.inc(event.tftp?.resentBlocks ?? 0);
          if (event.complete && event.durationMillis !== undefined)
            seconds.observe({ protocol: event.protocol }, event.durationMillis / 1000);
          break;
        case 'packet.dropped':
          dropped.inc(1 + (event.untold ?? 0));
          break;
        case 'lease.changed':
          leases.inc({ state: event.state });
          break;
        case 'check.finished':
          checks.inc({ status: event.status });
          break;
        case 'step.done':
        case 'step.failed':
        case 'step.held':
          steps.inc({ result: event.type.slice('step.'.length) });
          break;
        case 'run.finished':
          exit.set(event.exitCode);
          break;
        default:
      }
    },
    render: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}
