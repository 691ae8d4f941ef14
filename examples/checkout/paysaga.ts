/** What this shop reads of a payment; the API says more. */
export interface Payment {
  readonly id: string;
  readonly status: string;
  readonly reference: string | null;
  /** With it a browser confirms this one payment; null unless the customer has to act. */
  readonly clientSecret: string | null;
  /** Why it failed, in words for the customer. */
  readonly failure: string | null;
}

export interface NewPayment {
  readonly idempotencyKey: string;
  readonly reference: string;
  /** Minor units of `currency`. */
  readonly amount: number;
  readonly currency: string;
}

/** The part of paysaga's API that a shop needs. Each call @throws when there is no good answer. */
export interface Paysaga {
  /** The newest payment of a reference, without its secret; null when there is none. */
  latestOf(reference: string): Promise<Payment | null>;
  /** Null for an id that this shop has no payment of. */
  read(id: string): Promise<Payment | null>;
  /** Null while another request is making the payment: ask again. */
  make(payment: NewPayment): Promise<Payment | null>;
}

/** How long paysaga may wait until the browser can confirm. */
const WAIT_SECONDS = 10;
/**
 * Longer than that wait. A call that gets no answer is not repeated here: the page asks again, and
 * the key makes the repetition safe.
 */
const TIMEOUT_MS = 15_000;

export function connectPaysaga({ apiUrl, apiKey }: { apiUrl: string; apiKey: string }): Paysaga {
  const ask = async (path: string, { headers, ...init }: Ask = {}): Promise<Answer> => {
    const response = await fetch(new URL(path, apiUrl), {
      ...init,
      headers: { ...headers, Authorization: `Bearer ${apiKey}` },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: response.status, body: await response.json() };
  };
  return {
    async latestOf(reference) {
      const query = new URLSearchParams({ reference, limit: '1' });
      const { data } = fieldsOf(expectOk(await ask(`/v1/payments?${query.toString()}`)));
      return Array.isArray(data) && data.length > 0 ? toPayment(data[0]) : null;
    },
    async read(id) {
      const answer = await ask(`/v1/payments/${encodeURIComponent(id)}`);
      return answer.status === 404 ? null : toPayment(expectOk(answer));
    },
    async make({ idempotencyKey, ...order }) {
      const answer = await ask('/v1/payments', {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          'Idempotency-Key': idempotencyKey,
          // The answer comes when the intent exists, and carries its secret.
          Prefer: `wait=${WAIT_SECONDS}`,
        },
        body: JSON.stringify({ ...order, confirm: 'client', once_per_reference: true }),
      });
      return answer.status === 409 ? null : toPayment(expectOk(answer));
    },
  };
}

interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

function expectOk({ status, body }: Answer): unknown {
  if (status >= 200 && status < 300) return body;
  throw new Error(`paysaga answered ${status}: ${textOf(fieldsOf(body)['code']) ?? 'no code'}`);
}

function toPayment(body: unknown): Payment {
  const payment = fieldsOf(body);
  const [id, status] = [textOf(payment['id']), textOf(payment['status'])];
  if (id === null || status === null) throw new Error('paysaga answered with no payment');
  return {
    id,
    status,
    reference: textOf(payment['reference']),
    clientSecret: textOf(fieldsOf(payment['next_action'])['client_secret']),
    failure: textOf(fieldsOf(payment['failure'])['message']),
  };
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
