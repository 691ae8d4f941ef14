import { appendFileSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { controlOf, press, sdkFor } from './sandbox-client.fixture';
import { startSandbox } from './server';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sandbox-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const held = {
  amount: 2000,
  currency: 'usd',
  allowed_payment_method_types: ['card' as const],
  capture_method: 'manual' as const,
  confirm: true,
};

/** Every object that the API shows, of both kinds of time. */
async function shown(url: string): Promise<unknown> {
  const sdk = sdkFor(url);
  const all = { limit: 100 };
  return {
    intents: (await sdk.paymentIntents.list(all)).data,
    charges: (await sdk.charges.list(all)).data,
    refunds: (await sdk.refunds.list(all)).data,
    disputes: (await sdk.disputes.list(all)).data,
    customers: (await sdk.customers.list(all)).data,
    balance: (await sdk.balanceTransactions.list(all)).data,
    events: (await sdk.events.list(all)).data,
    endpoints: (await sdk.webhookEndpoints.list()).data,
    ledger: await controlOf(url).ledger(),
  };
}

describe('a sandbox with a data file', () => {
  it('has written down whatever it answered, so that a kill loses nothing of it', async () => {
    const dataFile = path.join(folder, 'sandbox.jsonl');
    const before = await startSandbox({ dataFile });
    const sdk = sdkFor(before.url);
    const control = controlOf(before.url);
    const pay = (card: string, change: object = {}) =>
      sdk.paymentIntents.create({ ...held, payment_method: card, ...change });
    const customer = await sdk.customers.create({ email: 'buyer@example.com' });
    const saved = { customer: customer.id, setup_future_usage: 'off_session' };
    await pay('pm_card_visa', saved);
    const captured = await pay('pm_card_visa');
    await sdk.paymentIntents.capture(captured.id, { amount_to_capture: 900 });
    await sdk.refunds.create({ payment_intent: captured.id, amount: 100 });
    const automatic = { capture_method: 'automatic_async' };
    for (const card of ['pm_card_createDispute', 'pm_card_sandboxProcessing']) {
      await pay(card, automatic);
    }
    for (const card of ['pm_card_pendingRefund', 'pm_card_refundFail']) {
      const { id } = await pay(card, automatic);
      await sdk.refunds.create({ payment_intent: id });
    }
    // Booked at once, so that the dispute alone changes the charge afterwards; nobody answers it.
    await pay('pm_card_createDispute', { capture_method: 'automatic' });
    await pay('pm_card_chargeDeclined').catch(() => null);
    await pay('pm_card_threeDSecureRequired', { return_url: 'https://shop.example/' });
    const failed = await pay('pm_card_threeDSecureRequired', { return_url: 'https://a.example/' });
    await press(failed.next_action?.redirect_to_url?.url ?? '', 'fail');
    await control.advance(6_000);
    const [dispute] = (await sdk.disputes.list()).data;
    await control.closeDispute(dispute!.id, 'won');
    const url = `${before.url}/hook`;
    await sdk.webhookEndpoints.create({ url, enabled_events: ['charge.failed'] });
    const gone = await sdk.webhookEndpoints.create({ url, enabled_events: ['charge.failed'] });
    await sdk.webhookEndpoints.del(gone.id);
    await control.advance(7 * 86_400_000);
    await pay('pm_card_visa', { amount: 777 });
    const expected = await shown(before.url);

    // What a kill leaves: the file as it is now, with half of a line that nobody was answered for.
    const left = path.join(folder, 'left.jsonl');
    copyFileSync(dataFile, left);
    appendFileSync(left, '["intent","pi_half"]\t{"id":"pi_h');
    await before.close();
    const after = await startSandbox({ dataFile: left });
    expect(await shown(after.url)).toEqual(expected);
    await after.close();
  });

  it('says so when the file is none of its own', async () => {
    const dataFile = path.join(folder, 'other.json');
    writeFileSync(dataFile, '{"not":"ours"}\n');
    await expect(startSandbox({ dataFile })).rejects.toThrow('no data file of this sandbox');
  });

  it('knows payments, keys and its clock after a restart, and still lets holds lapse', async () => {
    const dataFile = path.join(folder, 'sandbox.jsonl');
    const before = await startSandbox({ dataFile });
    await controlOf(before.url).advance(3_600_000);
    const sdk = sdkFor(before.url);
    const key = { idempotencyKey: 'a' };
    const card = { ...held, payment_method: 'pm_card_visa' };
    const kept = await sdk.paymentIntents.create(card, key);
    const captured = await sdk.paymentIntents.create(card);
    await sdk.paymentIntents.capture(captured.id);
    await sdk.refunds.create({ payment_intent: captured.id, amount: 500 });
    const ledger = await controlOf(before.url).ledger();
    const events = await sdk.events.list({ limit: 100 });
    const books = await sdk.balanceTransactions.list();
    await before.close();

    const after = await startSandbox({ dataFile });
    const again = sdkFor(after.url);
    expect(await controlOf(after.url).ledger()).toEqual(ledger);
    expect((await again.paymentIntents.create(card, key)).id).toBe(kept.id);
    expect(await again.events.list({ limit: 100 })).toEqual(events);
    expect(await again.balanceTransactions.list()).toEqual(books);
    await again.refunds.create({ payment_intent: captured.id, amount: 1500 });
    await controlOf(after.url).advance(7 * 86_400_000);
    expect((await again.paymentIntents.retrieve(kept.id)).status).toBe('canceled');
    expect((await again.paymentIntents.retrieve(kept.id)).created).toBe(kept.created);
    await after.close();
  });

  it('does after a restart what was due later: refunds settle and fail, disputes open', async () => {
    const dataFile = path.join(folder, 'sandbox.jsonl');
    const before = await startSandbox({ dataFile });
    const sdk = sdkFor(before.url);
    const pay = (card: string) =>
      sdk.paymentIntents.create({ ...held, capture_method: 'automatic', payment_method: card });
    const refund = async (card: string) =>
      (await sdk.refunds.create({ payment_intent: (await pay(card)).id })).id;
    const slow = await refund('pm_card_pendingRefund');
    const failing = await refund('pm_card_refundFail');
    const disputed = await pay('pm_card_createDispute');
    const answered = await pay('pm_card_createDispute');
    const dispute = (await sdk.disputes.list({ payment_intent: answered.id })).data[0]!;
    await sdk.disputes.update(dispute.id, {
      evidence: { uncategorized_text: 'winning_evidence' },
    });
    await before.close();

    const after = await startSandbox({ dataFile });
    await controlOf(after.url).advance(1_000);
    const again = sdkFor(after.url);
    expect((await again.refunds.retrieve(slow)).status).toBe('succeeded');
    expect((await again.refunds.retrieve(failing)).status).toBe('failed');
    const opened = await again.disputes.list({ payment_intent: disputed.id });
    expect(opened.data.map((each) => each.status)).toEqual(['needs_response']);
    expect((await again.disputes.retrieve(dispute.id)).status).toBe('won');
    await after.close();
  });
});
