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
    await before.close();

    const after = await startSandbox({ dataFile });
    const again = sdkFor(after.url);
    expect(await controlOf(after.url).ledger()).toEqual(ledger);
    expect((await again.paymentIntents.create(card, key)).id).toBe(kept.id);
    await again.refunds.create({ payment_intent: captured.id, amount: 1500 });
    await controlOf(after.url).advance(7 * 86_400_000);
    expect((await again.paymentIntents.retrieve(kept.id)).status).toBe('canceled');
    expect((await again.paymentIntents.retrieve(kept.id)).created).toBe(kept.created);
    await after.close();
  });
});
