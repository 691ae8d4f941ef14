import { describeFigures } from './report';
import type { DemoPayment, DemoWorld } from './world';

/** What the demo can do to the running processes. */
export interface Levers {
  /** Ends the command worker and starts it with `env` on top of its settings. */
  restartCommandWorker(env: Readonly<Record<string, string>>): Promise<void>;
  /** Resolves when the running command worker has ended by itself, with the signal that ended it. */
  commandWorkerEnded(): Promise<string>;
  stopBroker(): Promise<void>;
  startBroker(): Promise<void>;
  /** Starts a second API with ENABLE_ASYNC_COMMANDS=false and gives its URL. */
  startSynchronousApi(): Promise<string>;
}

export interface Scenario {
  readonly title: string;
  readonly expected: string;
  /** Drives the scenario; `seen` is compared with `expected`, the payments get a timeline each. */
  run(world: DemoWorld, levers: Levers): Promise<{ seen: string; payments: string[] }>;
}

/** How the payment ended here, and what the provider's books say of it. */
export async function outcome(world: DemoWorld, payment: DemoPayment): Promise<string> {
  const figures = describeFigures(await world.provider(payment.id));
  const failure = payment.failure?.decline_code ?? payment.failure?.code;
  return `${payment.status}${failure ? ` (${failure})` : ''}: ${figures}`;
}

async function orderAndSettle(world: DemoWorld, order: Parameters<DemoWorld['order']>[0]) {
  const answer = await world.order(order);
  const payment = await world.settled(answer.payment.id);
  return { seen: await outcome(world, payment), payments: [payment.id] };
}

const succeeds: Scenario = {
  title: 'A payment succeeds',
  expected: 'succeeded: 1 charge, 12.50 EUR captured',
  run: (world) => orderAndSettle(world, { tag: 'plain' }),
};

const declines: Scenario = {
  title: 'The card has no funds',
  expected: 'failed (insufficient_funds): 0 charges',
  run: (world) =>
    orderAndSettle(world, {
      tag: 'declined',
      paymentMethod: 'pm_card_visa_chargeDeclinedInsufficientFunds',
    }),
};

const repeats: Scenario = {
  title: 'The same Idempotency-Key is sent twice',
  expected: 'one payment, succeeded: 1 charge, 12.50 EUR captured',
  async run(world) {
    const order = { tag: 'twice', idempotencyKey: `demo-twice-${Date.now()}` };
    const [first, second] = await Promise.all([world.order(order), world.order(order)]);
    const ids = new Set([first.payment.id, second.payment.id]);
    const payment = await world.settled(first.payment.id);
    const count = ids.size === 1 && first.replayed !== second.replayed ? 'one payment' : 'two';
    return { seen: `${count}, ${await outcome(world, payment)}`, payments: [...ids] };
  },
};

const serverErrors: Scenario = {
  title: 'Stripe answers 500 twice, then works',
  expected: 'succeeded: 1 charge, 12.50 EUR captured',
  async run(world) {
    const action = { kind: 'status', status: 500 };
    await world.armFault({ tag: 'errors', route: 'payment_intents.confirm', times: 2, action });
    return orderAndSettle(world, { tag: 'errors' });
  },
};

const lostAnswer: Scenario = {
  title: 'Stripe charges, and the connection drops',
  expected: 'succeeded: 1 charge, 12.50 EUR captured',
  async run(world) {
    const action = { kind: 'apply_then_reset' };
    await world.armFault({ tag: 'lost', route: 'payment_intents.confirm', times: 1, action });
    return orderAndSettle(world, { tag: 'lost' });
  },
};

const killedWorker: Scenario = {
  title: 'The worker is killed between Stripe and the database',
  expected: 'ended by SIGKILL, succeeded: 1 charge, 12.50 EUR captured',
  async run(world, levers) {
    await levers.restartCommandWorker({ CRASH_POINT: 'after_stripe_confirm' });
    const ended = levers.commandWorkerEnded();
    const { payment } = await world.order({ tag: 'killed' });
    const signal = await ended;
    await levers.restartCommandWorker({});
    const settled = await world.settled(payment.id);
    return {
      seen: `ended by ${signal}, ${await outcome(world, settled)}`,
      payments: [payment.id],
    };
  },
};

const brokerDown: Scenario = {
  title: 'RabbitMQ is down while ten payments are accepted',
  expected: '10 accepted with 202, 10 x succeeded: 1 charge, 12.50 EUR captured',
  async run(world, levers) {
    await levers.stopBroker();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => world.order({ tag: `broker-${index}` })),
    );
    await levers.startBroker();
    const outcomes = await Promise.all(
      answers.map(async ({ payment }) => outcome(world, await world.settled(payment.id))),
    );
    const accepted = answers.filter((answer) => answer.status === 202).length;
    const distinct = [...new Set(outcomes)].map(
      (text) => `${outcomes.filter((other) => other === text).length} x ${text}`,
    );
    return {
      seen: `${accepted} accepted with 202, ${distinct.join('; ')}`,
      payments: answers.slice(0, 1).map(({ payment }) => payment.id),
    };
  },
};

const refusedRecord: Scenario = {
  title: 'The database refuses the outcome after the charge',
  expected:
    'failed (recording_failed): 1 charge, 12.50 EUR captured, 12.50 EUR refunded; refund recorded',
  async run(world) {
    await plantRefusal(world, 'refused');
    try {
      const result = await orderAndSettle(world, { tag: 'refused' });
      const refunds = await world.query(
        `SELECT 1 FROM refunds WHERE payment_id = $1 AND status = 'succeeded' AND amount_minor = 1250`,
        result.payments,
      );
      const recorded = refunds.length === 1 ? 'refund recorded' : `${refunds.length} refunds`;
      return { ...result, seen: `${result.seen}; ${recorded}` };
    } finally {
      await world.query('DROP FUNCTION demo_refuse_success CASCADE');
    }
  },
};

// Stands for any permanent failure to record: a constraint that the outcome breaks.
export async function plantRefusal(world: DemoWorld, tag: string): Promise<void> {
  await world.query(`
    CREATE FUNCTION demo_refuse_success() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'planted by the demo' USING ERRCODE = 'check_violation';
    END $$`);
  await world.query(`
    CREATE TRIGGER demo_refuse_success BEFORE UPDATE ON payments FOR EACH ROW
    WHEN (NEW.status = 'succeeded' AND NEW.metadata ->> 'demo' = '${tag}')
    EXECUTE FUNCTION demo_refuse_success()`);
}

const synchronous: Scenario = {
  title: 'ENABLE_ASYNC_COMMANDS=false answers with the outcome',
  expected: 'answered 201 succeeded, succeeded: 1 charge, 12.50 EUR captured',
  async run(world, levers) {
    const apiUrl = await levers.startSynchronousApi();
    const answer = await world.order({ tag: 'synchronous', apiUrl });
    const payment = await world.settled(answer.payment.id);
    return {
      seen: `answered ${answer.status} ${answer.payment.status}, ${await outcome(world, payment)}`,
      payments: [payment.id],
    };
  },
};

/** Payments that are charged at once, while things break. */
export const chargeScenarios: readonly Scenario[] = [
  succeeds,
  declines,
  repeats,
  serverErrors,
  lostAnswer,
  killedWorker,
  brokerDown,
  refusedRecord,
  synchronous,
];
