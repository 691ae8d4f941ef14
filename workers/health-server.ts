import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/** One entry per part: `true` is ready, `false` or a sentence saying why it is not. */
export type Readiness = Readonly<Record<string, boolean | string>>;

export interface HealthServerOptions {
  readonly host: string;
  /** 0 takes a free port; `url` says which. */
  readonly port: number;
  /** Asked on each /readyz; a rejection or no answer within `checkTimeoutMs` counts as not ready. */
  readonly readiness: () => Promise<Readiness>;
  /** Prometheus text for /metrics; without it the path answers 404. */
  readonly metrics?: () => Promise<string>;
  readonly checkTimeoutMs?: number;
}

export interface HealthServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves /livez (200 while the process turns), /readyz (200 only if every part is ready, else 503
 * with the same JSON body) and /metrics.
 * @throws when the port is taken
 */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const server = createServer((request, response) => {
    // A probe must not hold the process up during a drain, so no connection is kept alive.
    response.setHeader('connection', 'close');
    void answer(options, request, response);
  });
  await listen(server, options);
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : options.port;
  return {
    url: `http://${options.host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, options: HealthServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function answer(
  options: HealthServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? '/').split('?')[0];
  if (path === '/livez') return sendJson(response, 200, { status: 'alive' });
  if (path === '/readyz') return answerReadiness(options, response);
  if (path === '/metrics' && options.metrics) return answerMetrics(options.metrics, response);
  return sendJson(response, 404, { status: 'not found' });
}

async function answerReadiness(options: HealthServerOptions, response: ServerResponse) {
  const checks = await settledReadiness(options);
  const ready = Object.values(checks).every((state) => state === true);
  sendJson(response, ready ? 200 : 503, { status: ready ? 'ready' : 'not ready', checks });
}

async function settledReadiness(options: HealthServerOptions): Promise<Readiness> {
  const timeoutMs = options.checkTimeoutMs ?? 2_000;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Readiness>((resolve) => {
    timer = setTimeout(() => resolve({ check: `no answer within ${timeoutMs} ms` }), timeoutMs);
  });
  try {
    return await Promise.race([options.readiness(), late]);
  } catch (error) {
    return { check: error instanceof Error ? error.message : 'failed' };
  } finally {
    clearTimeout(timer);
  }
}

async function answerMetrics(metrics: () => Promise<string>, response: ServerResponse) {
  try {
    const body = await metrics();
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
    response.end(body);
  } catch {
    sendJson(response, 503, { status: 'no metrics' });
  }
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
