import { formatMoney } from '../../domain/money';
import { plantRefusal, outcome } from './scenarios';
import type { Scenario } from './scenarios';
import type { DemoWorld } from './world';

async function paid(world: DemoWorld, tag: string, paymentMethod = 'pm_card_visa') {
  const { payment } = await world.order({ tag, paymentMethod });
  return world.settled(payment.id);
}

async function ended(world: DemoWorld, paymentId: string): Promise<string> {
  return outcome(world, await world.read(paymentId));
}

const racingRefunds: Scenario = {
  title: 'Two refunds at once, together more than there is',
  expected:
    'one accepted, one refused (amount_not_available); succeeded: 1 charge, 12.50 EUR captured, 8.00 EUR refunded',
  async run(world) {
    const { id } = await paid(world, 'refunds');
    const answers = await Promise.all(
      [800, 800].map((amount) => world.ask(`payments/${id}/refunds`, { amount })),
    );
    await world.until('a refund has succeeded', async () =>
      (await world.read(id)).amount_refunded > 0 ? true : undefined,
    );
    const accepted = answers.filter(({ status }) => status < 300).length;
    const codes = answers.flatMap(({ body }) => body.code ?? []);
    const said = accepted === 1 ? 'one accepted' : `${accepted} accepted`;
    return {
      seen: `${said}, one refused (${codes.join(', ')}); ${await ended(world, id)}`,
      payments: [id],
    };
  },
};

const refundFailsLater: Scenario = {
  title: 'A refund succeeds, and fails afterwards',
  expected:
    'told: refund.requested.v1, refund.succeeded.v1, refund.reversed.v1; 0.00 EUR refunded, books in balance: 12.50 EUR kept',
  async run(world) {
    const { id } = await paid(world, 'refund-fails', 'pm_card_refundFail');
    await world.ask(`payments/${id}/refunds`);
    const told = await world.until('the refund was reversed', async () => {
      const facts = await world.query<{ type: string }>(
        'SELECT event_type AS type FROM payment_facts WHERE payment_id = $1 ORDER BY version',
        [id],
      );
      const types = facts.map(({ type }) => type);
      return types.includes('refund.reversed.v1') ? types.join(', ') : undefined;
    });
    const { amount_refunded: amountMinor, currency } = await world.read(id);
    const kept = formatMoney({ amountMinor: await balance(world, id), currency });
    const refunded = formatMoney({ amountMinor, currency });
    return {
      seen: `told: ${told}; ${refunded} refunded, books in balance: ${kept} kept`,
      payments: [id],
    };
  },
};

async function balance(world: DemoWorld, paymentId: string): Promise<number> {
  const [row] = await world.query<{ sum: number }>(
    `SELECT sum(amount_minor)::int AS sum FROM ledger_entries
     WHERE payment_id = $1 AND account = 'provider_balance'`,
    [paymentId],
  );
  return row?.sum ?? 0;
}

const operatorResolves: Scenario = {
  title: 'An undo that Stripe refuses is parked, and an operator has it run again',
  expected:
    'needs_review, then failed (recording_failed): 1 charge, 12.50 EUR captured, 12.50 EUR refunded; in the audit trail: retry_compensation',
  async run(world) {
    await plantRefusal(world, 'parked');
    const action = { kind: 'status', status: 400 };
    await world.armFault({ tag: 'parked', route: 'refunds.create', times: 1, action });
    try {
      const { payment } = await world.order({ tag: 'parked' });
      await world.reaches(payment.id, 'needs_review');
      await world.ask(`payments/${payment.id}/retry_compensation`);
      const settled = await world.reaches(payment.id, 'failed');
      const trail = await world.query<{ action: string }>(
        'SELECT DISTINCT action FROM audit_entries WHERE payment_id = $1',
        [payment.id],
      );
      const actions = trail.map(({ action: what }) => what).join(', ');
      return {
        seen: `needs_review, then ${await outcome(world, settled)}; in the audit trail: ${actions}`,
        payments: [payment.id],
      };
    } finally {
      await world.query('DROP FUNCTION demo_refuse_success CASCADE');
    }
  },
};

const unrulyWebhooks: Scenario = {
  title: 'Webhooks come twice, in reverse, and before the charge is known',
  expected: 'succeeded: 1 charge, 12.50 EUR captured; every event kept once, none left unapplied',
  async run(world) {
    const type = '^(payment_intent|charge)[.]';
    await world.control('/_sandbox/webhooks', { type, action: { kind: 'reverse', count: 3 } });
    const lost = { kind: 'apply_then_reset' };
    await world.armFault({
      tag: 'unruly',
      route: 'payment_intents.confirm',
      times: 1,
      action: lost,
    });
    const { payment } = await world.order({ tag: 'unruly' });
    const settled = await world.settled(payment.id);
    await world.control('/_sandbox/webhooks', undefined, 'DELETE');
    const twice = { kind: 'duplicate', copies: 2 };
    await world.control('/_sandbox/webhooks', { type, times: 10, action: twice });
    const second = await paid(world, 'unruly-twice');
    await world.control('/_sandbox/webhooks', undefined, 'DELETE');
    const left = await world.until('the webhooks are applied', () => unapplied(world));
    return {
      seen: `${await outcome(world, settled)}; ${left}`,
      payments: [payment.id, second.id],
    };
  },
};

async function unapplied(world: DemoWorld): Promise<string | undefined> {
  const [row] = await world.query<{ events: number; ids: number; open: number }>(
    `SELECT count(*)::int AS events, count(DISTINCT id)::int AS ids,
       count(*) FILTER (WHERE processed_at IS NULL)::int AS open
     FROM stripe_events WHERE type LIKE 'payment_intent.%'`,
  );
  if (row === undefined || row.events === 0 || row.open > 0) return undefined;
  return row.events === row.ids
    ? 'every event kept once, none left unapplied'
    : `${row.events} events of ${row.ids}`;
}

const drift: Scenario = {
  title: 'A refund is made by hand at Stripe, its webhooks are lost, and reconciliation finds it',
  expected:
    'unknown here, then found and repaired: refund_missing_here; succeeded: 1 charge, 12.50 EUR captured, 5.00 EUR refunded',
  async run(world) {
    const { id } = await paid(world, 'drift');
    const { before, found } = await withoutWebhooks(world, async () => {
      await world.refundByHand(id, 500);
      const { amount_refunded: refunded } = await world.read(id);
      const known = refunded === 0 ? 'unknown here' : 'known here';
      return { before: known, found: await reconcile(world) };
    });
    await world.until('the refund is known', async () =>
      (await world.read(id)).amount_refunded === 500 ? true : undefined,
    );
    return {
      seen: `${before}, then found and repaired: ${found}; ${await ended(world, id)}`,
      payments: [id],
    };
  },
};

async function withoutWebhooks<T>(world: DemoWorld, work: () => Promise<T>): Promise<T> {
  await world.control('/_sandbox/webhooks', { times: null, action: { kind: 'drop' } });
  try {
    return await work();
  } finally {
    await world.control('/_sandbox/webhooks', undefined, 'DELETE');
  }
}

/** A run over all that this demo has made. @returns the types of drift it found and repaired */
async function reconcile(world: DemoWorld): Promise<string> {
  const hour = 3_600_000;
  const from = new Date(Date.now() - hour).toISOString();
  const to = new Date(Date.now() + hour).toISOString();
  const { body } = await world.ask('reconciliations', { from, to });
  return world.until('the reconciliation has ended', async () => {
    const run = await world.get<{
      status: string;
      drift: { found: number; repaired: number; by_type: Record<string, number> };
    }>(`reconciliations/${body.id ?? ''}`);
    if (run.status !== 'completed') return undefined;
    const types = Object.keys(run.drift.by_type).join(', ');
    return run.drift.found === run.drift.repaired ? types : `${types}, not all repaired`;
  });
}

/** What comes after a charge. */
export const afterScenarios: readonly Scenario[] = [
  racingRefunds,
  operatorResolves,
  unrulyWebhooks,
  drift,
  refundFailsLater,
];
