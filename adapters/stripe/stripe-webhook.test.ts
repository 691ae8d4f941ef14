import StripeSdk from 'stripe';
import { verifyStripeWebhook, type WebhookDelivery } from './stripe-webhook';

const nowMs = 1_800_000_000_000;
const nowSeconds = nowMs / 1000;
const body = {
  id: 'evt_1',
  object: 'event',
  type: 'charge.refunded',
  created: nowSeconds - 5,
  data: {
    object: {
      id: 'ch_1',
      object: 'charge',
      status: 'succeeded',
      payment_intent: 'pi_1',
      metadata: { paysaga_payment_id: 'pay_1' },
    },
  },
};

/** Signed by the official library, so that both sides cannot share one mistake. */
function signed(change: { secret?: string; timestamp?: number; payload?: string } = {}) {
  const payload = change.payload ?? JSON.stringify(body);
  return {
    rawBody: Buffer.from(payload),
    signatureHeader: StripeSdk.webhooks.generateTestHeaderString({
      payload,
      secret: change.secret ?? 'whsec_current',
      timestamp: change.timestamp ?? nowSeconds,
    }),
  };
}

function verify(delivery: Partial<WebhookDelivery>) {
  return verifyStripeWebhook({
    ...signed(),
    secrets: ['whsec_current', 'whsec_before'],
    toleranceSeconds: 300,
    nowMs,
    ...delivery,
  });
}

describe('Stripe webhooks', () => {
  it('a signed event is read into what the service keeps', () => {
    expect(verify({})).toEqual({
      ok: true,
      event: {
        id: 'evt_1',
        type: 'charge.refunded',
        createdAt: '2027-01-15T07:59:55.000Z',
        objectId: 'ch_1',
        objectType: 'charge',
        objectStatus: 'succeeded',
        paymentIntentId: 'pi_1',
        paymentId: 'pay_1',
        refundId: null,
      },
    });
  });

  it.each([1e15, Number.MAX_SAFE_INTEGER, 253_402_300_800, -1, 1.5, '1', null])(
    'an event made at %p is malformed, and no error of ours',
    (created) => {
      const delivery = signed({ payload: JSON.stringify({ ...body, created }) });
      expect(verify(delivery)).toEqual({ ok: false, reason: 'malformed' });
    },
  );

  it('an intent names itself, without our metadata too', () => {
    const data = { object: { id: 'pi_2', object: 'payment_intent', metadata: {} } };
    const verdict = verify(signed({ payload: JSON.stringify({ ...body, data }) }));
    expect(verdict).toMatchObject({ event: { paymentIntentId: 'pi_2', paymentId: null } });
  });

  it('a refund names ours and its own status', () => {
    const metadata = { paysaga_payment_id: 'pay_1', paysaga_refund_id: 're_own' };
    const object = { id: 're_1', object: 'refund', status: 'pending', payment_intent: 'pi_1' };
    const data = { object: { ...object, metadata } };
    const verdict = verify(signed({ payload: JSON.stringify({ ...body, data }) }));
    expect(verdict).toMatchObject({
      event: { objectId: 're_1', objectStatus: 'pending', refundId: 're_own' },
    });
  });

  it('the secret before a rotation still counts', () => {
    expect(verify(signed({ secret: 'whsec_before' })).ok).toBe(true);
  });

  it.each([
    ['300 s old', nowSeconds - 300, true],
    ['301 s old', nowSeconds - 301, false],
    ['300 s ahead', nowSeconds + 300, true],
    ['301 s ahead', nowSeconds + 301, false],
  ])('a signature %s is accepted: %s %s', (_name, timestamp, ok) => {
    expect(verify(signed({ timestamp }))).toMatchObject(ok ? { ok } : { ok, reason: 'stale' });
  });

  it.each([
    ['by another secret', signed({ secret: 'whsec_stranger' })],
    ['over another body', { rawBody: Buffer.from('{}') }],
    ['without a time', { signatureHeader: `v1=${'0'.repeat(64)}` }],
    ['of the wrong length', { signatureHeader: `t=${nowSeconds},v1=abcd` }],
    ['of an old scheme', { signatureHeader: `t=${nowSeconds},v0=${'0'.repeat(64)}` }],
  ])('a signature %s is refused', (_name, delivery) => {
    expect(verify(delivery)).toEqual({ ok: false, reason: 'bad_signature' });
  });

  it('a body without a signature is refused', () => {
    expect(verify({ signatureHeader: undefined })).toEqual({
      ok: false,
      reason: 'missing_signature',
    });
  });

  it.each(['not json', '[]', '{"id":"evt_1"}'])('a signed body that is no event: %s', (payload) => {
    expect(verify(signed({ payload }))).toEqual({ ok: false, reason: 'malformed' });
  });
});
