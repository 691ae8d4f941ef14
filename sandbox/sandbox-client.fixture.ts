import { Agent } from 'node:http';
import StripeSdk from 'stripe';
import type { LedgerLine } from './ledger';
import type { RequestEntry } from './request-log';

/** The official library against a sandbox, with no retry of its own. */
export function sdkFor(url: string): StripeSdk {
  const { hostname, port } = new URL(url);
  return new StripeSdk('sk_test_sandbox', {
    host: hostname,
    port,
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
    // Each test closes its sandbox: a kept-alive connection would hold the close up.
    httpAgent: new Agent({ keepAlive: false }),
  });
}

/** The answer to a browser that presses one of the two buttons of a challenge page. */
export function press(page: string, outcome: 'complete' | 'fail'): Promise<Response> {
  const body = new URLSearchParams({ outcome });
  return fetch(page, { method: 'POST', body, redirect: 'manual' });
}

async function call<T>(url: string, path: string, init?: RequestInit): Promise<T> {
  const response = await fetch(`${url}/_sandbox/${path}`, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text}`);
  const body: T = JSON.parse(text);
  return body;
}

/** The sandbox's control endpoints. */
export function controlOf(url: string) {
  const post = <T>(path: string, body: object): Promise<T> =>
    call(url, path, { method: 'POST', body: JSON.stringify(body) });
  return {
    arm: (fault: object) => post<{ id: string }>('faults', fault),
    faults: () => call<{ data: { seen: number; struck: number }[] }>(url, 'faults'),
    clear: () => call(url, 'faults', { method: 'DELETE' }),
    advance: (advanceMs: number) => post('clock', { advanceMs }),
    expireKeys: (key: string) => post<{ expired: number }>('idempotency_keys', { key }),
    authenticate: (id: string, outcome: 'succeed' | 'fail') =>
      post(`payment_intents/${id}/authenticate`, { outcome }),
    /** The bank's side of a dispute. */
    dispute: (chargeId: string, how: { reason?: string; inquiry?: boolean } = {}) =>
      post<{ id: string }>(`charges/${chargeId}/dispute`, how),
    closeDispute: (id: string, outcome: 'won' | 'lost') =>
      post(`disputes/${id}/close`, { outcome }),
    changeRefund: (id: string, change: { status: string; failureReason?: string }) =>
      post(`refunds/${id}`, change),
    ledger: async (query = '') => (await call<{ data: LedgerLine[] }>(url, `ledger?${query}`)).data,
    requests: async (query = '') =>
      (await call<{ data: RequestEntry[] }>(url, `requests?${query}`)).data,
    webhookFault: (fault: object) => post('webhooks', fault),
    webhooks: () =>
      call<{ delivered: number; failedAttempts: number; waiting: number }>(url, 'webhooks'),
  };
}
