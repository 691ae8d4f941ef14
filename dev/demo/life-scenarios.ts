import { outcome } from './scenarios';
import type { Scenario } from './scenarios';
import type { DemoPayment, DemoWorld } from './world';

const returnUrl = 'https://shop.example/back';

async function hold(world: DemoWorld, tag: string): Promise<DemoPayment> {
  const { payment } = await world.order({ tag, more: { capture_method: 'manual' } });
  return world.reaches(payment.id, 'authorized');
}

async function challenge(world: DemoWorld, tag: string) {
  const { payment } = await world.order({
    tag,
    paymentMethod: 'pm_card_threeDSecure2Required',
    more: { return_url: returnUrl },
  });
  await world.reaches(payment.id, 'requires_action');
  return payment;
}

async function intentOf(world: DemoWorld, paymentId: string): Promise<string> {
  const [row] = await world.query<{ id: string }>(
    'SELECT provider_intent_id AS id FROM payments WHERE id = $1',
    [paymentId],
  );
  return row?.id ?? '';
}

async function seen(world: DemoWorld, paymentId: string) {
  const payment = await world.settled(paymentId);
  return { seen: await outcome(world, payment), payments: [paymentId] };
}

const capturesPart: Scenario = {
  title: 'Of a hold of 12.50 EUR a part is captured',
  expected: 'succeeded: 1 charge, 7.00 EUR captured',
  async run(world) {
    const payment = await hold(world, 'part');
    await world.ask(`payments/${payment.id}/capture`, { amount: 700 });
    return seen(world, payment.id);
  },
};

const cancelsHold: Scenario = {
  title: 'A hold is canceled',
  expected: 'canceled (canceled_on_request): 1 charge',
  async run(world) {
    const payment = await hold(world, 'canceled');
    await world.ask(`payments/${payment.id}/cancel`);
    return seen(world, payment.id);
  },
};

const passesChallenge: Scenario = {
  title: '3-D Secure is passed, and a webhook tells of it',
  expected: 'succeeded: 1 charge, 12.50 EUR captured',
  async run(world) {
    const payment = await challenge(world, 'challenge');
    const intentId = await intentOf(world, payment.id);
    await world.control(`/_sandbox/payment_intents/${intentId}/authenticate`, {
      outcome: 'succeed',
    });
    return seen(world, payment.id);
  },
};

const abandonsChallenge: Scenario = {
  title: '3-D Secure is abandoned',
  expected: 'failed (authentication_abandoned): 0 charges',
  async run(world) {
    const payment = await challenge(world, 'abandoned');
    return seen(world, payment.id);
  },
};

const rounds = 50;

const cancelAgainstCapture: Scenario = {
  title: 'Cancel against capture, fifty times at once',
  expected: '50 x one taken, one told so; 50 ended as the one asked',
  async run(world) {
    const tags = Array.from({ length: rounds }, (_, index) => `race-${index}`);
    const results = await Promise.all(tags.map((tag) => race(world, tag)));
    const fair = results.filter(({ isFair }) => isFair).length;
    const right = results.filter(({ isRight }) => isRight).length;
    return {
      seen: `${fair} x one taken, one told so; ${right} ended as the one asked`,
      payments: results.slice(0, 1).map(({ paymentId }) => paymentId),
    };
  },
};

async function race(world: DemoWorld, tag: string) {
  const { id: paymentId } = await hold(world, tag);
  const [cancel, capture] = await Promise.all([
    world.ask(`payments/${paymentId}/cancel`),
    world.ask(`payments/${paymentId}/capture`),
  ]);
  const payment = await world.settled(paymentId);
  const { heldMinor, capturedMinor } = await world.provider(paymentId);
  const canceled = cancel.status < 300;
  const isRight = canceled
    ? payment.status === 'canceled' && capturedMinor === 0
    : payment.status === 'succeeded' && capturedMinor === payment.amount;
  const isFair = canceled !== capture.status < 300 && heldMinor === 0;
  return { paymentId, isFair, isRight };
}

const holdLapses: Scenario = {
  title: 'Nobody captures, and the hold lapses',
  expected: 'canceled (hold_expired): 1 charge',
  async run(world) {
    const payment = await hold(world, 'lapsed');
    await world.control('/_sandbox/clock', { advanceMs: 8 * 86_400_000 });
    return seen(world, payment.id);
  },
};

/** Payments that wait for somebody, and what comes after a charge. */
export const lifeScenarios: readonly Scenario[] = [
  capturesPart,
  cancelsHold,
  passesChallenge,
  abandonsChallenge,
  cancelAgainstCapture,
];

/** Turns the sandbox's clock by more than a week, so it comes last. */
export const lastScenario = holdLapses;
