import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'pg';
import type { PaymentStatus } from '../../domain/payment-states';
import { isSettled } from '../../domain/payment-states';
import { SANDBOX_API_KEY } from '../stack/services';
import type { ProviderFigures, TimelineLine } from './report';

/** The fields of a payment that the demo looks at; amounts are integer minor units. */
export interface DemoPayment {
  readonly id: string;
  readonly status: PaymentStatus;
  readonly amount: number;
  readonly amount_capturable: number;
  readonly amount_captured: number;
  readonly amount_refunded: number;
  readonly currency: string;
  readonly failure: { readonly code: string; readonly decline_code: string | null } | null;
}

export interface DemoAnswer {
  readonly status: number;
  readonly payment: DemoPayment;
  readonly replayed: boolean;
}

/** A payment to make. `tag` goes into its metadata, where scripted faults find it. */
export interface Order {
  readonly tag: string;
  readonly paymentMethod?: string;
  readonly amount?: number;
  readonly idempotencyKey?: string;
  readonly apiUrl?: string;
  /** Further fields of the request. */
  readonly more?: object;
}

/** An answer to what was asked of a payment; `body` is the payment, a refund or a problem. */
export interface AskAnswer {
  readonly status: number;
  readonly body: { readonly code?: string; readonly status?: string; readonly id?: string };
}

interface Addresses {
  readonly API_URL: string;
  readonly API_KEY: string;
  readonly DATABASE_URL: string;
  readonly STRIPE_API_URL: string;
}

const requestTimeoutMs = 30_000;
const settleDeadlineMs = 60_000;
const pollMs = 25;

interface LedgerLine {
  readonly charges: number;
  readonly held: number;
  readonly captured: number;
  readonly refunded: number;
  readonly currency: string;
}

interface LoggedRequest {
  readonly route: string;
  readonly status: number | null;
  readonly method: string;
}

/** The outside of a running paysaga: its API, its database, and the sandbox's control endpoints. */
export class DemoWorld {
  private readonly pool: Pool;

  constructor(private readonly addresses: Addresses) {
    this.pool = new Pool({ connectionString: addresses.DATABASE_URL, max: 2 });
  }

  close(): Promise<void> {
    return this.pool.end();
  }

  /** POST /v1/payments. @throws when the answer is not 2xx */
  async order(order: Order): Promise<DemoAnswer> {
    const response = await fetch(`${order.apiUrl ?? this.addresses.API_URL}/v1/payments`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${this.addresses.API_KEY}`,
        'content-type': 'application/json',
        'idempotency-key': order.idempotencyKey ?? randomUUID(),
      },
      body: JSON.stringify({
        amount: order.amount ?? 1250,
        currency: 'EUR',
        payment_method: order.paymentMethod ?? 'pm_card_visa',
        metadata: { demo: order.tag },
        ...order.more,
      }),
      signal: AbortSignal.timeout(requestTimeoutMs),
    });
    if (!response.ok) throw new Error(`POST answered ${response.status}: ${await response.text()}`);
    return {
      status: response.status,
      payment: (await response.json()) as DemoPayment,
      replayed: response.headers.get('idempotent-replayed') === 'true',
    };
  }

  /** POST to any path under /v1, waiting for the outcome; whatever it answers. */
  async ask(path: string, body: object = {}): Promise<AskAnswer> {
    const response = await fetch(`${this.addresses.API_URL}/v1/${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${this.addresses.API_KEY}`,
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
        prefer: 'wait=10',
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(requestTimeoutMs),
    });
    return { status: response.status, body: (await response.json()) as AskAnswer['body'] };
  }

  /** GET of any path under /v1. @throws when the answer is not 2xx */
  async get<T>(path: string): Promise<T> {
    const response = await fetch(`${this.addresses.API_URL}/v1/${path}`, {
      headers: { authorization: `Bearer ${this.addresses.API_KEY}` },
      signal: AbortSignal.timeout(requestTimeoutMs),
    });
    if (!response.ok) throw new Error(`GET answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** Refunds at the provider, as somebody does on its dashboard. @throws when it refuses */
  async refundByHand(paymentId: string, amountMinor: number): Promise<void> {
    const [row] = await this.query<{ intent: string }>(
      'SELECT provider_intent_id AS intent FROM payments WHERE id = $1',
      [paymentId],
    );
    const response = await fetch(`${this.addresses.STRIPE_API_URL}/v1/refunds`, {
      method: 'POST',
      headers: { authorization: `Bearer ${SANDBOX_API_KEY}` },
      body: new URLSearchParams({
        payment_intent: row?.intent ?? '',
        amount: String(amountMinor),
      }),
      signal: AbortSignal.timeout(requestTimeoutMs),
    });
    if (!response.ok) throw new Error(`the refund by hand was answered ${response.status}`);
  }

  /** Polls until the payment has the status. @throws at the deadline */
  reaches(paymentId: string, status: PaymentStatus): Promise<DemoPayment> {
    return this.until(`${paymentId} is ${status}`, async () => {
      const payment = await this.read(paymentId);
      return payment.status === status ? payment : undefined;
    });
  }

  /** Polls GET /v1/payments/{id} until the saga has nothing left to do. @throws at the deadline */
  async settled(paymentId: string): Promise<DemoPayment> {
    const deadline = Date.now() + settleDeadlineMs;
    for (;;) {
      const payment = await this.read(paymentId);
      if (isSettled(payment.status)) return payment;
      if (Date.now() > deadline) throw new Error(`${paymentId} is still ${payment.status}`);
      await delay(pollMs);
    }
  }

  /** Polls until `check` gives something. @throws at the deadline, naming `what` */
  async until<T>(what: string, check: () => Promise<T | undefined>): Promise<T> {
    const deadline = Date.now() + settleDeadlineMs;
    for (;;) {
      const found = await check();
      if (found !== undefined) return found;
      if (Date.now() > deadline) throw new Error(`timed out waiting until ${what}`);
      await delay(pollMs);
    }
  }

  async query<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.pool.query<Row>(text, values)).rows;
  }

  /** Scripts a fault for the requests of the payment tagged `tag`. */
  async armFault(fault: { tag: string; route: string; times: number; action: object }) {
    await this.control('/_sandbox/faults', {
      match: { route: fault.route, metadata: { demo: `^${fault.tag}$` } },
      times: fault.times,
      action: fault.action,
    });
  }

  /** What the sandbox's own books say of one payment, all its intents added up. */
  async provider(paymentId: string): Promise<ProviderFigures> {
    const query = new URLSearchParams({ 'metadata[paysaga_payment_id]': paymentId });
    const page = await this.control<{ data: LedgerLine[] }>(`/_sandbox/ledger?${query.toString()}`);
    const sum = (figure: (line: LedgerLine) => number) =>
      page.data.reduce((total, line) => total + figure(line), 0);
    return {
      charges: sum((line) => line.charges),
      heldMinor: sum((line) => line.held),
      capturedMinor: sum((line) => line.captured),
      refundedMinor: sum((line) => line.refunded),
      currency: (page.data[0]?.currency ?? 'eur').toUpperCase(),
    };
  }

  /** The payment's life as its rows and the provider's request log tell it. */
  async timeline(paymentId: string): Promise<TimelineLine[]> {
    const rows = await this.query<{ at: number; what: string }>(
      `SELECT (extract(epoch FROM t.created_at - p.created_at) * 1000)::float8 AS at,
              rpad(t.to_status, 13) || t.event_type || coalesce(
                ', published after ' || round(extract(epoch FROM o.published_at - o.created_at) * 1000)
                || ' ms', '') AS what
         FROM payment_transitions t
         JOIN payments p ON p.id = t.payment_id
         LEFT JOIN outbox_events o ON o.id = t.event_id
        WHERE t.payment_id = $1 ORDER BY t.version`,
      [paymentId],
    );
    const query = new URLSearchParams({ 'metadata[paysaga_payment_id]': paymentId });
    const log = await this.control<{ data: LoggedRequest[] }>(
      `/_sandbox/requests?${query.toString()}`,
    );
    const calls = log.data.map(({ route, status }) => `${route} ${status ?? 'no answer'}`);
    const lines = rows.map(({ at, what }) => ({ atMs: at, what }));
    const last = lines.at(-1)?.atMs ?? 0;
    return [...lines, { atMs: last, what: `Stripe was asked: ${calls.join(', ') || 'nothing'}` }];
  }

  async read(paymentId: string): Promise<DemoPayment> {
    return this.get<DemoPayment>(`payments/${paymentId}`);
  }

  /** One request to the sandbox's control endpoints. @throws when the answer is not 2xx */
  async control<T>(path: string, body?: object, method = 'POST'): Promise<T> {
    const response = await fetch(`${this.addresses.STRIPE_API_URL}${path}`, {
      ...(body ? { method, body: JSON.stringify(body) } : {}),
      ...(body === undefined && method === 'DELETE' ? { method } : {}),
      headers: { 'content-type': 'application/json' },
      signal: AbortSignal.timeout(requestTimeoutMs),
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    return (await response.json()) as T;
  }
}
