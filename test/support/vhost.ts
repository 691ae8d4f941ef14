import { fromStack, uniqueName } from './stack-environment';

const REQUEST_TIMEOUT_MS = 10_000;

export interface TestVhost {
  readonly name: string;
  /** AMQP address of the virtual host. */
  readonly url: string;
  /** Calls the management API; the path begins after `/api/`, `%v` stands for this host's name. */
  readonly manage: (path: string, init?: RequestInit) => Promise<unknown>;
  /** Removes it with every queue in it, and cuts its connections. */
  readonly drop: () => Promise<void>;
}

/** A RabbitMQ virtual host of the test's own: exchanges and queues of other tests do not exist. */
export async function createTestVhost(): Promise<TestVhost> {
  const name = uniqueName('test');
  const url = new URL(fromStack('RABBITMQ_URL'));
  url.pathname = `/${name}`;
  await manage(`vhosts/${name}`, { method: 'PUT' });
  return {
    name,
    url: url.href,
    manage: (path, init) => manage(path.replaceAll('%v', name), init),
    drop: async () => void (await manage(`vhosts/${name}`, { method: 'DELETE' })),
  };
}

async function manage(path: string, init: RequestInit = {}): Promise<unknown> {
  const base = new URL(fromStack('RABBITMQ_MANAGEMENT_URL'));
  const credentials = Buffer.from(`${base.username}:${base.password}`).toString('base64');
  const response = await fetch(`${base.origin}/api/${path}`, {
    ...init,
    headers: {
      'content-type': 'application/json',
      authorization: `Basic ${credentials}`,
    },
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`RabbitMQ management ${path}: ${response.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
