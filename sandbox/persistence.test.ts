import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { controlOf, sdkFor } from './sandbox-client.fixture';
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

describe('a sandbox with a data file', () => {
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
    const dispute = await controlOf(before.url).dispute(answered.latest_charge as string);
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
