import { ProviderError } from '../application/ports/payment-provider';
import type { IntentSnapshot, RefundSnapshot } from '../application/ports/payment-provider';
import type {
  NewProviderRequest,
  ProviderRequest,
  SagaPayment,
} from '../application/ports/saga-store';
import type { RefundStatus } from '../domain/refund-states';
import { faultTypes } from '../contracts/saga';
import { silentLog } from '../test/support/silent-log';
import type { ActivityDependencies } from './dependencies';
import { refundRest } from './refund-captured';

type Refund = Pick<RefundSnapshot, 'refundId' | 'status' | 'amountMinor'>;
type RefundRequest = ProviderRequest<'refund'>;

const captured = {
  payment: {
    paymentId: 'pay_1',
    currency: 'EUR',
    flags: { outboxPattern: true },
  } as unknown as SagaPayment,
  intent: { id: 'pi_1', capturedMinor: 1_000 } as unknown as IntentSnapshot,
};

/** A provider that gives every new refund the next of `outcomes`, and a store in memory. */
function world(outcomes: RefundSnapshot['status'][]) {
  const listed: RefundSnapshot[] = [];
  const sent: string[] = [];
  const requests: RefundRequest[] = [];
  const rows = new Map<string, RefundStatus>();
  const snapshot = ({ refundId, status, amountMinor }: Refund): RefundSnapshot => ({
    ...{ id: `re_provider_${refundId}`, refundId, status, amountMinor },
    ...{ currency: 'EUR', intentId: 'pi_1', chargeId: 'ch_1', failureReason: null },
    ...{ replayed: false, requestId: null },
  });
  const deps = {
    provider: {
      listRefunds: async () => [...listed],
      createRefund: async ({ idempotencyKey, params }: RefundRequest) => {
        sent.push(idempotencyKey);
        const status = outcomes.shift() ?? 'succeeded';
        listed.push(snapshot({ ...params, status }));
        return listed.at(-1);
      },
    },
    store: {
      latestRequest: async () => requests.at(-1) ?? null,
      addRequest: async (request: NewProviderRequest<'refund'>) => {
        const idempotencyKey = `pay_1:refund:${request.attemptNumber}`;
        requests.push({ ...request, idempotencyKey, ageMs: 0 });
        rows.set(request.params.refundId, 'pending');
        return requests.at(-1);
      },
    },
    refunds: {
      apply: async ({ refundId, status }: RefundSnapshot) => {
        const to = status === 'requires_action' ? 'pending' : status;
        if (refundId === null || rows.get(refundId) === to) return { kind: 'unchanged' };
        rows.set(refundId, to);
        return {
          kind: 'applied',
          refund: { refundId, status: to, payment: captured.payment },
          event: null,
          isParked: false,
        };
      },
    },
    metrics: { refundEnded: () => undefined },
    log: silentLog,
    outboxSignal: { notify: () => undefined },
    crashPoints: { reach: () => undefined },
  } as unknown as ActivityDependencies;
  const settle = (status: RefundSnapshot['status']) => {
    const last = listed.pop();
    if (last !== undefined) listed.push({ ...last, status });
  };
  return { deps, listed, sent, rows, settle, snapshot };
}

const done = { heldMinor: 0, capturedMinor: 1_000, refundedMinor: 1_000 };

test('what is left of a capture is refunded, beside a refund somebody made by hand', async () => {
  const { deps, listed, snapshot } = world([]);
  listed.push(snapshot({ refundId: null, status: 'succeeded', amountMinor: 300 }));
  expect(await refundRest(deps, captured)).toEqual(done);
  expect(listed.map((refund) => refund.amountMinor)).toEqual([300, 700]);
});

test('a pending refund is asked for again, never sent again, and done when the provider says so', async () => {
  const { deps, sent, rows, settle } = world(['pending']);
  const unfinished = { type: faultTypes.unfinished };
  await expect(refundRest(deps, captured)).rejects.toMatchObject(unfinished);
  await expect(refundRest(deps, captured)).rejects.toMatchObject(unfinished);
  settle('succeeded');
  expect(await refundRest(deps, captured)).toEqual(done);
  expect(sent).toEqual(['pay_1:refund:1']);
  expect([...rows.values()]).toEqual(['succeeded']);
});

test('a refund that failed is left to an operator, whose retry sends a new one', async () => {
  const { deps, sent, rows, settle } = world(['pending']);
  await expect(refundRest(deps, captured)).rejects.toMatchObject({ type: faultTypes.unfinished });
  settle('failed');
  const failed = { type: faultTypes.refundFailed };
  await expect(refundRest(deps, captured)).rejects.toMatchObject(failed);
  expect([...rows.values()]).toEqual(['failed']);
  expect(await refundRest(deps, captured)).toEqual(done);
  expect(sent).toEqual(['pay_1:refund:1', 'pay_1:refund:2']);
});

test('a refund that is refused at once is left to an operator too', async () => {
  const { deps, sent } = world(['failed']);
  await expect(refundRest(deps, captured)).rejects.toMatchObject({ type: faultTypes.refundFailed });
  expect(sent).toHaveLength(1);
});

test('a capture that is refunded already is left alone', async () => {
  const { deps, listed, sent, snapshot } = world([]);
  listed.push(snapshot({ refundId: null, status: 'succeeded', amountMinor: 1_000 }));
  expect(await refundRest(deps, captured)).toEqual(done);
  expect(sent).toEqual([]);
});

test('a spent request is replaced by one for what is left now, not for what was left then', async () => {
  const { deps, listed, sent, snapshot } = world([]);
  const accept = deps.provider.createRefund.bind(deps.provider);
  const spent = new ProviderError({
    ...{ kind: 'replayed_failure', message: 'spent', code: null, requestId: null, httpStatus: 400 },
  });
  const answers = [spent, spent, spent];
  deps.provider.createRefund = async (write) => {
    const error = answers.shift();
    if (error === undefined) return accept(write);
    throw error;
  };
  // The first request, for all of it, is refused; then a part is refunded by hand.
  await expect(refundRest(deps, captured)).rejects.toBe(spent);
  listed.push(snapshot({ refundId: null, status: 'succeeded', amountMinor: 300 }));
  expect(await refundRest(deps, captured)).toEqual(done);
  expect(listed.map((refund) => refund.amountMinor)).toEqual([300, 700]);
  expect(sent).toEqual(['pay_1:refund:3']);
});
