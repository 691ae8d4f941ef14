import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import StripeSdk from 'stripe';
import { createStripeProvider } from '../../adapters/stripe/stripe-provider';
import type { CreateIntentParams } from '../../application/ports/payment-provider';
import { newsTopics } from '../../domain/provider-news';
import { canHaveStripeMock, ensureStripeMock } from '../../dev/stripe-mock';

// stripe-mock answers from fixtures, so only its refusals mean anything: it knows Stripe's
// OpenAPI document and sends 400 for whatever that does not allow.
let mock: ChildProcess | undefined;
let apiUrl = '';

async function start(program: string): Promise<string> {
  mock = spawn(program, ['-http-addr', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  mock.stdout?.on('data', (part: Buffer) => {
    said += part.toString();
  });
  const deadline = Date.now() + 20_000;
  while (Date.now() < deadline) {
    const port = /127\.0\.0\.1:(\d+)/.exec(said)?.[1];
    if (port !== undefined) return `http://127.0.0.1:${port}`;
    await delay(20);
  }
  throw new Error(`stripe-mock did not come up: ${said}`);
}

afterAll(() => {
  mock?.kill();
});

const create: CreateIntentParams = {
  paymentId: 'pay_1',
  amountMinor: 2000,
  currency: 'EUR',
  captureMethod: 'automatic',
  description: null,
  customer: null,
  setupFutureUsage: null,
  metadata: {},
};
const fullCreate: CreateIntentParams = {
  ...create,
  captureMethod: 'manual',
  description: 'Order 7',
  customer: 'cus_1',
  setupFutureUsage: 'off_session',
  metadata: { order: '7', 'a key': 'a & b = c' },
};
const onIntent = { idempotencyKey: 'pay_1:act:1', intentId: 'pi_1' };
const refund = {
  refundId: 're_1',
  paymentId: 'pay_1',
  intentId: 'pi_1',
  amountMinor: 100,
  currency: 'EUR',
};
const events = { types: Object.keys(newsTopics), from: '2026-11-01T00:00:00.000Z' };
const provider = () => createStripeProvider({ apiKey: 'sk_test_123', apiUrl, timeoutMs: 10_000 });

type Provider = ReturnType<typeof provider>;
const requests: [string, (to: Provider) => Promise<unknown>][] = [
  ['a bare create', (to) => to.createIntent({ idempotencyKey: 'k', params: create })],
  ['a full create', (to) => to.createIntent({ idempotencyKey: 'k', params: fullCreate })],
  ...['ISK', 'JPY', 'KWD'].map((currency): (typeof requests)[number] => [
    `a create in ${currency}`,
    (to) => to.createIntent({ idempotencyKey: 'k', params: { ...create, currency } }),
  ]),
  [
    'a bare confirm',
    (to) =>
      to.confirmIntent({
        ...onIntent,
        params: { paymentMethod: 'pm_card_visa', returnUrl: null, offSession: false },
      }),
  ],
  [
    'a full confirm',
    (to) =>
      to.confirmIntent({
        ...onIntent,
        params: { paymentMethod: 'pm_1', returnUrl: 'https://shop.example/', offSession: true },
      }),
  ],
  [
    'a capture',
    (to) => to.captureIntent({ ...onIntent, params: { amountMinor: 100, currency: 'EUR' } }),
  ],
  ['a bare cancel', (to) => to.cancelIntent({ ...onIntent, params: { reason: null } })],
  ...(['abandoned', 'duplicate', 'fraudulent', 'requested_by_customer'] as const).map(
    (reason): (typeof requests)[number] => [
      `a cancel for being ${reason}`,
      (to) => to.cancelIntent({ ...onIntent, params: { reason } }),
    ],
  ),
  ['a read', (to) => to.retrieveIntent('pi_1')],
  ...([null, 'duplicate', 'fraudulent', 'requested_by_customer'] as const).map(
    (reason): (typeof requests)[number] => [
      `a refund for reason ${reason}`,
      (to) => to.createRefund({ idempotencyKey: 'k', params: { ...refund, reason } }),
    ],
  ),
  ["a refund's read", (to) => to.retrieveRefund('re_1')],
  ["a list of an intent's refunds", (to) => to.listRefunds('pi_1')],
  ["a list of an intent's disputes", (to) => to.listDisputes('pi_1')],
  [
    'a list of events up to now',
    (to) => to.listEvents({ ...events, before: null, startingAfter: null }),
  ],
  [
    'a further page of the events of a while',
    (to) =>
      to.listEvents({ ...events, before: '2026-11-01T00:10:00.000Z', startingAfter: 'evt_1' }),
  ],
];

if (canHaveStripeMock() || process.env['CI'] === 'true') {
  describe("Stripe's own request validator", () => {
    beforeAll(async () => {
      const program = await ensureStripeMock();
      if (program === null) throw new Error('stripe-mock must run in CI, and there is no Go here');
      apiUrl = await start(program);
    }, 200_000);

    it.each(requests)('accepts %s as the adapter sends it', async (_name, send) => {
      await expect(send(provider())).resolves.toBeDefined();
    });

    it('refuses a parameter that Stripe does not know, so its consent means something', async () => {
      const { hostname, port } = new URL(apiUrl);
      const sdk = new StripeSdk('sk_test_123', { host: hostname, port, protocol: 'http' });
      const unknown = { amount: 2000, currency: 'eur', shoe_size: 44 };
      await expect(sdk.paymentIntents.create(unknown)).rejects.toMatchObject({ statusCode: 400 });
    });
  });
} else {
  it.todo("Stripe's own request validator was NOT asked: no Go toolchain to build stripe-mock");
}
