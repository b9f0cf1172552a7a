import { expect, it } from 'vitest';
import type { Event } from '../core/event.ts';
import type { MacAddress } from '../core/mac-address.ts';
import { createMetrics } from './create-metrics.ts';

it('counts what happened, and has no label that a stranger can choose', async () => {
  const metrics = createMetrics();
  const mac = '52:54:00:00:00:01' as MacAddress;
  const file = { address: '10.0.0.9', file: 'CANARY.efi', bytes: 1000, complete: true };
  const events: Event[] = [
    {
      type: 'boot.asked',
      mac,
      service: 'dhcp',
      message: 'discover',
      firmware: 'CANARY',
      architecture: 'CANARY',
      isAnswered: true,
    },
    { type: 'file.served', ...file, protocol: 'http', durationMillis: 3000 },
    {
      type: 'file.served',
      ...file,
      protocol: 'tftp',
      complete: false,
      tftp: { blockSize: 512, windowSize: 1, resentBlocks: 7, options: { CANARY: '1' } },
    },
    { type: 'packet.dropped', from: '10.0.0.9', reason: 'CANARY', untold: 4 },
    { type: 'run.finished', outcome: 'not finished', exitCode: 6 },
  ];
  for (const event of events) metrics.show({ ...event, at: '2026-01-01T00:00:00Z' });
  const { text, contentType } = await metrics.render();
  expect(contentType).toMatch(/^text\/plain/);
  expect(text).not.toContain('CANARY');
  for (const line of [
    'rackwright_boot_requests_total{service="dhcp",answered="true"} 1',
    'rackwright_boot_files_total{protocol="tftp",complete="false"} 1',
    'rackwright_boot_file_bytes_total{protocol="http"} 1000',
    'rackwright_boot_file_seconds_bucket{le="5",protocol="http"} 1',
    'rackwright_tftp_resent_blocks_total 7',
    'rackwright_packets_dropped_total 5',
    'rackwright_run_exit_code 6',
  ]) {
    expect(text.split('\n')).toContain(line);
  }
});
