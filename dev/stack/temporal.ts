import { Connection } from '@temporalio/client';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Part, PartContext } from './part';
import { bareEnvironment, serverPart } from './server-part';

export interface TemporalOptions {
  readonly program: string;
  readonly ports: { readonly temporal: number; readonly temporalUi: number };
  /** Namespaces besides `default`. */
  readonly namespaces: readonly string[];
}

export const DEFAULT_NAMESPACE = 'default';

/** What the saga files its payments under; a workflow that sets an unknown attribute hangs. */
export const SEARCH_ATTRIBUTES = {
  PaymentStatus: 'Keyword',
  MerchantId: 'Keyword',
  AmountMinor: 'Int',
} as const;

// The development server has one history shard, and each shard picks its tasks up at most this
// often; at the default of 20 a second every workflow task waits for a 50 ms tick, which made a
// bare saga take 150 ms instead of 54. The other limits are those of a shared cluster and would be
// what a benchmark measures.
const DYNAMIC_CONFIG = {
  'history.transferProcessorMaxPollRPS': 2000,
  'history.timerProcessorMaxPollRPS': 2000,
  'history.visibilityProcessorMaxPollRPS': 2000,
  'frontend.rps': 50_000,
  'frontend.namespaceRPS': 50_000,
  'frontend.namespaceCount': 50_000,
  'matching.rps': 50_000,
  'history.rps': 50_000,
};

/**
 * Temporal's development server with its Web UI: on a file when the stack is kept, else in memory.
 */
export function temporalPart(context: PartContext, options: TemporalOptions): Part {
  const { program, ports, namespaces } = options;
  const home = path.join(context.folder, 'temporal');
  mkdirSync(home, { recursive: true });
  const address = `127.0.0.1:${ports.temporal}`;
  return serverPart(context, {
    spec: {
      name: 'temporal',
      command: program,
      args: serverArguments(),
      env: bareEnvironment(home),
    },
    env: {
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: DEFAULT_NAMESPACE,
      TEMPORAL_UI_URL: `http://127.0.0.1:${ports.temporalUi}`,
    },
    check: () => checkTemporal(address, [DEFAULT_NAMESPACE, ...namespaces]),
    deadlineMs: 30_000,
  });

  function serverArguments(): string[] {
    const pairs = (flag: string, values: Readonly<Record<string, string | number>>): string[] =>
      Object.entries(values).flatMap(([key, value]) => [flag, `${key}=${value}`]);
    return [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--log-level', 'warn'],
      ...['--port', String(ports.temporal), '--ui-port', String(ports.temporalUi)],
      '--ui-disable-news-fetch',
      ...namespaces.flatMap((namespace) => ['--namespace', namespace]),
      ...pairs('--search-attribute', SEARCH_ATTRIBUTES),
      ...pairs('--dynamic-config-value', DYNAMIC_CONFIG),
      ...(context.persist ? persistence(home) : []),
    ];
  }
}

// The server keeps one SQLite connection; without a write-ahead log each commit waits for two
// syncs of the file.
function persistence(home: string): string[] {
  return [
    ...['--db-filename', path.join(home, 'temporal.db')],
    ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL'],
  ];
}

/**
 * @throws until every namespace answers and knows the search attributes: both come up some time
 *   after the port does
 */
async function checkTemporal(address: string, namespaces: readonly string[]): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: '1s' });
  try {
    for (const namespace of namespaces) {
      const { customAttributes } = await connection.operatorService.listSearchAttributes({
        namespace,
      });
      const missing = Object.keys(SEARCH_ATTRIBUTES).filter((name) => !(name in customAttributes));
      if (missing.length > 0) throw new Error(`${namespace} lacks ${missing.join(', ')}`);
    }
  } finally {
    await connection.close();
  }
}
