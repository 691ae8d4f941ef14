import { startSandbox } from '../../sandbox/server';
import { silentLog } from '../../test/support/silent-log';
import { createCustomerActions } from './customer-actions';
import { connectStripe } from './stripe-provider';

let sandbox: Awaited<ReturnType<typeof startSandbox>>;

beforeAll(async () => {
  sandbox = await startSandbox();
});

afterAll(() => sandbox.close());

const options = () => ({ apiKey: 'sk_test_actions', apiUrl: sandbox.url, timeoutMs: 2_000 });

async function challenged(): Promise<string> {
  const intent = await connectStripe(options()).paymentIntents.create({
    amount: 1_250,
    currency: 'eur',
    payment_method: 'pm_card_threeDSecure2Required',
    confirm: true,
    return_url: 'https://shop.example/back',
  });
  return intent.id;
}

const reads = async (intentId: string): Promise<number> => {
  const url = `${sandbox.url}/_sandbox/requests?payment_intent=${intentId}`;
  const log = (await (await fetch(url)).json()) as { data: { route: string }[] };
  return log.data.filter(({ route }) => route === 'payment_intents.retrieve').length;
};

describe('what a customer needs to act', () => {
  it('is the address of the challenge and the secret of the intent', async () => {
    const intentId = await challenged();
    const action = await createCustomerActions({ ...options(), log: silentLog }).read(intentId);
    expect(action?.redirectUrl).toMatch(/^https?:/);
    expect(action?.clientSecret).toMatch(new RegExp(`^${intentId}_secret_`));
  });

  it('is asked of the provider once, however often the payment is read', async () => {
    const intentId = await challenged();
    const actions = createCustomerActions({ ...options(), log: silentLog });
    await Promise.all(Array.from({ length: 10 }, () => actions.read(intentId)));
    await actions.read(intentId);
    expect(await reads(intentId)).toBe(1);
  });

  it('is nothing while the provider does not know, and asked for again', async () => {
    const lines: object[] = [];
    const log = { ...silentLog, warn: (fields: object) => void lines.push(fields) };
    const actions = createCustomerActions({ ...options(), log });
    expect(await actions.read('pi_unknown')).toBeNull();
    expect(await actions.read('pi_unknown')).toBeNull();
    expect(await reads('pi_unknown')).toBe(2);
    expect(JSON.stringify(lines)).not.toContain('_secret_');
  });
});
