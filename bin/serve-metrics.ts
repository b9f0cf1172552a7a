import type { Endpoint, Listener, Network } from '../core/ports.ts';
import type { Metrics } from '../ui/index.ts';

/** Serves `GET /metrics`, and nothing else. Faults: `platform/port-taken`, `platform/port-forbidden`. */
export function serveMetrics(metrics: Metrics, at: Endpoint, network: Pick<Network, 'serveHttp'>): Promise<Listener> {
  return network.serveHttp(at, async ({ method, path }) => {
    if (path !== '/metrics' || (method !== 'GET' && method !== 'HEAD')) return { status: 404, headers: {} };
    const { contentType, text } = await metrics.render();
    const body = new TextEncoder().encode(text);
    const headers = { 'Content-Type': contentType, 'Content-Length': String(body.length) };
    return { status: 200, headers, ...(method === 'HEAD' ? {} : { body }) };
  });
}
