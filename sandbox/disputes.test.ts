import type StripeSdk from 'stripe';
import { controlOf, sdkFor } from './sandbox-client.fixture';
import { startSandbox, type RunningSandbox } from './server';

let sandbox: RunningSandbox;
let stripe: StripeSdk;
beforeEach(async () => {
  sandbox = await startSandbox();
  stripe = sdkFor(sandbox.url);
});
afterEach(() => sandbox.close());

const pay = (paymentMethod: string, change: Partial<StripeSdk.PaymentIntentCreateParams> = {}) =>
  stripe.paymentIntents.create({
    amount: 2000,
    currency: 'eur',
    allowed_payment_method_types: ['card'],
    capture_method: 'automatic',
    confirm: true,
    payment_method: paymentMethod,
    ...change,
  });
const chargeOf = ({ latest_charge: charge }: StripeSdk.PaymentIntent) =>
  typeof charge === 'string' ? charge : 'no charge';
const advance = (ms: number) => controlOf(sandbox.url).advance(ms);
async function disputeOf(intent: StripeSdk.PaymentIntent): Promise<StripeSdk.Dispute> {
  const found = await stripe.disputes.list({ payment_intent: intent.id });
  expect(found.data).toHaveLength(1);
  return found.data[0]!;
}
const typesAbout = async (dispute: StripeSdk.Dispute) => {
  const events = await stripe.events.list({ type: 'charge.dispute.*' });
  return events.data
    .filter((event) => 'id' in event.data.object && event.data.object.id === dispute.id)
    .map((event) => event.type)
    .toReversed();
};
/** Everything that was booked about a source: amounts and fees in cents. */
const booked = async (source: string) =>
  (await stripe.balanceTransactions.list({ source })).data
    .map(({ amount, fee, net }) => ({ amount, fee, net }))
    .toReversed();

describe("the sandbox's disputes", () => {
  it('a disputed charge says so, and its money and a fee leave the balance', async () => {
    const intent = await pay('pm_card_createDispute');
    const dispute = await disputeOf(intent);
    expect(dispute).toMatchObject({
      amount: 2000,
      charge: chargeOf(intent),
      reason: 'fraudulent',
      status: 'needs_response',
    });
    expect(await stripe.disputes.retrieve(dispute.id)).toEqual(dispute);
    expect((await stripe.charges.retrieve(chargeOf(intent))).disputed).toBe(true);
    expect(await booked(dispute.id)).toEqual([{ amount: -2000, fee: 1500, net: -3500 }]);
    expect(await typesAbout(dispute)).toEqual([
      'charge.dispute.created',
      'charge.dispute.funds_withdrawn',
    ]);
  });

  it.each([
    ['won', [-2000, 2000], true],
    ['lost', [-2000], false],
  ] as const)('the bank closes one as %s', async (outcome, amounts, refundable) => {
    const intent = await pay('pm_card_visa');
    const { id } = await controlOf(sandbox.url).dispute(chargeOf(intent));
    await controlOf(sandbox.url).closeDispute(id, outcome);
    const dispute = await disputeOf(intent);
    expect(dispute).toMatchObject({ status: outcome, is_charge_refundable: refundable });
    expect((await booked(id)).map(({ amount }) => amount)).toEqual(amounts);
    expect(await typesAbout(dispute)).toContain('charge.dispute.closed');
    await expect(controlOf(sandbox.url).closeDispute(id, 'won')).rejects.toThrow('already');
  });

  it('a charged back charge cannot be refunded as well, a won one can', async () => {
    const intent = await pay('pm_card_visa');
    const { id } = await controlOf(sandbox.url).dispute(chargeOf(intent));
    const refund = () => stripe.refunds.create({ payment_intent: intent.id });
    await expect(refund()).rejects.toMatchObject({ code: 'charge_disputed', statusCode: 400 });
    await controlOf(sandbox.url).closeDispute(id, 'won');
    expect((await refund()).status).toBe('succeeded');
  });

  it.each([
    ['winning_evidence', 'won'],
    ['losing_evidence', 'lost'],
  ])('%s decides it', async (text, status) => {
    const intent = await pay('pm_card_createDispute');
    const { id } = await disputeOf(intent);
    const answered = await stripe.disputes.update(id, { evidence: { uncategorized_text: text } });
    expect(answered.status).toBe('under_review');
    await advance(1_000);
    expect((await stripe.disputes.retrieve(id)).status).toBe(status);
  });

  it('one that nobody answers in time is lost, and one that is accepted at once', async () => {
    const late = await pay('pm_card_createDispute');
    const accepted = await pay('pm_card_createDisputeProductNotReceived');
    await stripe.disputes.close((await disputeOf(accepted)).id);
    expect((await disputeOf(accepted)).status).toBe('lost');
    await advance(8 * 86_400_000);
    expect(await disputeOf(late)).toMatchObject({
      status: 'lost',
      evidence_details: { past_due: true },
    });
  });

  it('an inquiry takes nothing, leaves refunds open, and lapses', async () => {
    const intent = await pay('pm_card_createDisputeInquiry');
    const dispute = await disputeOf(intent);
    expect(dispute.status).toBe('warning_needs_response');
    expect(await booked(dispute.id)).toEqual([]);
    await stripe.refunds.create({ payment_intent: intent.id });
    await advance(8 * 86_400_000);
    expect((await disputeOf(intent)).status).toBe('warning_closed');
  });

  it('a held payment is disputed after its capture only', async () => {
    const intent = await pay('pm_card_createDispute', { capture_method: 'manual' });
    await advance(10_000);
    expect((await stripe.disputes.list()).data).toEqual([]);
    await stripe.paymentIntents.capture(intent.id, { amount_to_capture: 500 });
    expect((await disputeOf(intent)).amount).toBe(500);
  });
});
