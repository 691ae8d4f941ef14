import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApiKey } from '../../adapters/postgres/api-keys';
import { createDatabase } from '../../adapters/postgres/client';
import { startProcess } from '../support/process';
import type { TestProcess } from '../support/process';
import { silentLog } from '../support/silent-log';
import {
  fromStack,
  testNamespace,
  testRedisPrefix,
  uniqueName,
} from '../support/stack-environment';
import type { SagaRig } from './saga-rig.fixture';

export interface CollectedSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  /** As OTLP counts: internal 1, server 2, client 3, producer 4, consumer 5. */
  readonly kind: number;
  readonly startedAt: bigint;
  readonly failed: boolean;
  readonly attributes: Readonly<Record<string, unknown>>;
}

interface OtlpAttribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface OtlpRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly OtlpAttribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
}

interface OtlpSpan extends Omit<CollectedSpan, 'service' | 'startedAt' | 'failed' | 'attributes'> {
  readonly startTimeUnixNano: string;
  readonly status: { readonly code?: number };
  readonly attributes: readonly OtlpAttribute[];
}

/** A collector in this process that keeps every span sent to it as OTLP/HTTP in JSON. */
export async function startCollector() {
  const spans: CollectedSpan[] = [];
  const paths = new Set<string>();
  const server = createServer((request, response) => {
    paths.add(`${request.method} ${request.url}`);
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      spans.push(...spansOf(JSON.parse(body) as OtlpRequest));
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    paths,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export type Collector = Awaited<ReturnType<typeof startCollector>>;

function spansOf(request: OtlpRequest): CollectedSpan[] {
  return request.resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(valuesOf(resource.attributes)['service.name']);
    return scopeSpans.flatMap(({ spans }) =>
      spans.map(({ name, traceId, spanId, parentSpanId, kind, ...span }) => ({
        ...{ service, name, traceId, spanId, parentSpanId, kind },
        startedAt: BigInt(span.startTimeUnixNano),
        failed: span.status.code === 2,
        attributes: valuesOf(span.attributes),
      })),
    );
  });
}

function valuesOf(attributes: readonly OtlpAttribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

/**
 * The spans under `parent` as indented lines, those of one parent by service and then in the order
 * they began: two services beside each other begin as they like.
 */
export function treeOf(
  spans: readonly CollectedSpan[],
  parent: string | undefined,
  indent = '',
): string[] {
  return spans
    .filter((span) => span.parentSpanId === parent)
    .toSorted((a, b) => a.service.localeCompare(b.service) || Number(a.startedAt - b.startedAt))
    .flatMap((span) => [
      `${indent}${span.service.replace('paysaga-', '')}: ${span.name}`,
      ...treeOf(spans, span.spanId, `${indent}  `),
    ]);
}

export interface FleetOptions {
  readonly rabbitUrl: string;
  readonly env: Readonly<Record<string, string>>;
  /** What each API has beside that. */
  readonly apis: readonly Readonly<Record<string, string>>[];
}

/** Both workers and some APIs, on one virtual host and pair of task queues of their own. */
export async function startFleet(rig: SagaRig, { rabbitUrl, env, apis }: FleetOptions) {
  const common = {
    NODE_ENV: 'test',
    DATABASE_URL: rig.databaseUrl,
    DATABASE_POOL_SIZE: '4',
    RABBITMQ_URL: rabbitUrl,
    TEMPORAL_ADDRESS: fromStack('TEMPORAL_ADDRESS'),
    TEMPORAL_NAMESPACE: testNamespace(),
    WORKFLOW_BUNDLE_PATH: fromStack('WORKFLOW_BUNDLE_PATH'),
    SAGA_TASK_QUEUE: uniqueName('saga'),
    ...env,
  };
  const ofApis = {
    REDIS_URL: fromStack('REDIS_URL'),
    REDIS_KEY_PREFIX: testRedisPrefix(),
    STRIPE_WEBHOOK_SECRET: 'whsec_tracing',
  };
  const [outboxWorker, commandWorker, ...started] = await Promise.all([
    startProcess({
      entry: 'workers/outbox.js',
      portVariable: 'WORKER_OUTBOX_PORT',
      env: { ...common, RELAY_TASK_QUEUE: uniqueName('relay') },
    }),
    startProcess({
      entry: 'workers/commands.js',
      portVariable: 'WORKER_COMMANDS_PORT',
      env: { ...common, STRIPE_API_KEY: 'sk_test_tracing', STRIPE_API_URL: rig.sandboxUrl },
    }),
    ...apis.map((own) =>
      startProcess({
        entry: 'api/main.js',
        portVariable: 'API_PORT',
        env: { ...common, ...ofApis, ...own },
      }),
    ),
  ]);
  const all: TestProcess[] = [outboxWorker, commandWorker, ...started];
  return {
    apis: started,
    /** Ends every process as an operator does. @returns their exit codes */
    stop: () => Promise.all(all.map((process) => process.stop())),
    kill: () => Promise.all(all.map((process) => process.kill('SIGKILL').catch(() => undefined))),
  };
}

export async function newSecret(rig: SagaRig): Promise<string> {
  const database = createDatabase({
    databaseUrl: rig.databaseUrl,
    poolSize: 1,
    applicationName: 'tracing-test',
    log: silentLog,
  });
  const { merchantId } = rig;
  const { secret } = await createApiKey(database.prisma, { merchantId, scopes: ['read', 'write'] });
  await database.close();
  return secret;
}
