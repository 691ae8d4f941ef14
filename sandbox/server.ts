import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { ApiFailure } from './api-failure';
import { answerChallenge, isChallengePath } from './challenge-page';
import { answerControl, type ControlDeps } from './control';
import { crossOrigin, isPreflight } from './cross-origin';
import { answerRequest, type ExchangeDeps, type Reply } from './exchange';
import { ControlError } from './fault-scripts';
import { Faults } from './faults';
import { Journal } from './journal';
import { CONFIGURED, newReceiver } from './receiver';
import { RequestLog } from './request-log';
import { WebhookDeliveries } from './webhook-deliveries';
import { WebhookFaults } from './webhook-faults';
import { World } from './world';

/** The version whose shapes the sandbox answers, the one of the pinned Stripe library. */
export const SANDBOX_API_VERSION = '2026-10-28.endive';

const MOST_BODY_BYTES = 256 * 1024;
/** Answers under way at `close` get this long; hung connections are cut after it. */
const DRAIN_MS = 1_000;
/** Requests are written down before their answers; this is for what Stripe does by itself. */
const WRITE_EVERY_MS = 100;
const LOOPBACK = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

export interface SandboxOptions {
  /** 0, the default, takes a free port. */
  port?: number;
  /** Where to listen; 127.0.0.1 when absent, and 0.0.0.0 in a container, which has its own network. */
  host?: string;
  /** Where browsers reach the sandbox, for its challenge pages; its own `url` when absent. */
  publicUrl?: string;
  /** A receiver of every event, there from the start. */
  webhook?: { url: string; secret: string };
  /** Where the state is kept between two runs; without it everything ends with the process. */
  dataFile?: string;
  /** First wait before a webhook is sent again; it doubles. Default 500. */
  webhookBackoffMs?: number;
}

export interface RunningSandbox {
  /** `http://127.0.0.1:<port>` */
  url: string;
  /** Finishes the answers under way, cuts what hangs, and forgets everything. */
  close(): Promise<void>;
}

interface Deps extends ControlDeps, ExchangeDeps {
  /** Writes down what a request changed, before anybody is told. */
  write: () => void;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MOST_BODY_BYTES) throw new ControlError('The body is too large.');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function sendReply(response: ServerResponse, reply: Reply, cut = false): void {
  const bytes = Buffer.from(reply.body);
  response.writeHead(reply.status, {
    'content-type': reply.body.startsWith('<') ? 'text/html' : 'application/json',
    'content-length': bytes.length,
    ...reply.headers,
  });
  if (!cut) {
    response.end(bytes);
    return;
  }
  response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
}

function header(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name];
  return typeof value === 'string' ? value : null;
}

async function serveApi(deps: Deps, request: IncomingMessage, response: ServerResponse) {
  const [path = '', query = ''] = (request.url ?? '').split('?');
  if (isPreflight(request)) {
    sendReply(response, { status: 204, body: '', headers: crossOrigin(request) });
    return;
  }
  const idempotencyKey = header(request, 'idempotency-key');
  const version = header(request, 'stripe-version');
  const outcome = await answerRequest(deps, {
    method: request.method ?? 'GET',
    path,
    query,
    body: await readBody(request),
    contentType: header(request, 'content-type') ?? '',
    authorization: header(request, 'authorization'),
    idempotencyKey,
    version,
  });
  deps.write();
  if (outcome.kind === 'hang') return;
  if (outcome.kind === 'reset') {
    request.socket.resetAndDestroy();
    return;
  }
  outcome.reply.headers['stripe-version'] = version ?? SANDBOX_API_VERSION;
  if (idempotencyKey !== null) outcome.reply.headers['idempotency-key'] = idempotencyKey;
  Object.assign(outcome.reply.headers, crossOrigin(request));
  sendReply(response, outcome.reply, outcome.kind === 'broken' && outcome.cut);
}

async function serveControl(deps: Deps, request: IncomingMessage, response: ServerResponse) {
  const url = new URL(request.url ?? '/', 'http://sandbox');
  const text = await readBody(request);
  const body = (status: number, value: object): void =>
    sendReply(response, { status, body: JSON.stringify(value), headers: {} });
  // A page in somebody's browser is on this machine too, and is none of its tools.
  const page = request.headers.origin !== undefined;
  if (page || !LOOPBACK.has(request.socket.remoteAddress ?? '')) {
    body(403, { error: 'The control endpoints are for this machine only.' });
    return;
  }
  try {
    const parsed: unknown = text === '' ? null : JSON.parse(text);
    deps.world.clock.catchUp();
    const answer = answerControl(deps, {
      method: request.method ?? 'GET',
      path: url.pathname.slice('/_sandbox/'.length),
      query: url.searchParams,
      body: parsed,
    });
    deps.write();
    if (answer === null) body(404, { error: `no control route ${url.pathname}` });
    else body(200, answer);
  } catch (error) {
    const known =
      error instanceof ControlError || error instanceof ApiFailure || error instanceof SyntaxError;
    if (!known) throw error;
    body(400, { error: error.message });
  }
}

async function servePage(deps: Deps, request: IncomingMessage, response: ServerResponse) {
  const [path = ''] = (request.url ?? '').split('?');
  const { method = 'GET' } = request;
  const reply = answerChallenge(deps.world, { method, path, body: await readBody(request) });
  deps.write();
  sendReply(response, reply);
}

function serverOf(url: string): typeof serveApi {
  if (url.startsWith('/_sandbox/')) return serveControl;
  return isChallengePath(url) ? servePage : serveApi;
}

function build(options: SandboxOptions): { deps: Deps; stop: () => void } {
  const webhookFaults = new WebhookFaults();
  const timers = new Set<NodeJS.Timeout>();
  const world: World = new World({
    apiVersion: SANDBOX_API_VERSION,
    deliver: (event) => deliveries.deliver(event),
    undelivered: () => deliveries.undelivered(),
  });
  const deliveries = new WebhookDeliveries({
    faults: webhookFaults,
    receivers: () => world.receivers.values(),
    changes: world.changes,
    backoffMs: options.webhookBackoffMs ?? 500,
  });
  const wait = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => {
        timers.delete(timer);
        resolve();
      }, ms);
      timers.add(timer);
    });
  const deps: Deps = {
    write: () => {},
    world,
    faults: new Faults(),
    webhookFaults,
    deliveries,
    log: new RequestLog(),
    wait,
  };
  const stop = (): void => {
    for (const timer of timers) clearTimeout(timer);
    deliveries.stop();
    world.clock.stop();
  };
  return { deps, stop };
}

/** Starts a sandbox with a state of its own, on 127.0.0.1 unless `host` says otherwise. */
export async function startSandbox(options: SandboxOptions = {}): Promise<RunningSandbox> {
  const { deps, stop } = build(options);
  if (options.webhook !== undefined) {
    const created = deps.world.clock.nowSeconds();
    const receiver = newReceiver({ ...options.webhook, id: CONFIGURED, events: ['*'], created });
    deps.world.addReceiver(receiver);
  }
  const { dataFile } = options;
  const journal = dataFile === undefined ? null : new Journal(deps, dataFile);
  if (journal !== null) deps.write = () => journal.flush();
  const writing = setInterval(() => deps.write(), WRITE_EVERY_MS).unref();
  const server = createServer((request, response) => {
    const serve = serverOf(request.url ?? '');
    serve(deps, request, response).catch(() => response.destroy());
  });
  // Clients keep connections for reuse: a server that drops them sooner looks like an outage.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const url = `http://127.0.0.1:${port}`;
  deps.world.publicUrl = options.publicUrl ?? url;
  const close = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeIdleConnections();
    const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
    await closed;
    clearTimeout(cut);
    clearInterval(writing);
    journal?.close();
    stop();
  };
  return { url, close };
}
