import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import StripeSdk from 'stripe';
import { controlOf, sdkFor } from './sandbox-client.fixture';
import { startSandbox, type RunningSandbox } from './server';

const secret = 'whsec_of_the_test';
interface Received {
  type: string;
  id: string;
  signed: boolean;
}

let receiver: Server;
let hook: string;
let sandbox: RunningSandbox;
let received: Received[];
let answers: number[];

async function listen(): Promise<string> {
  receiver = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts).toString();
      const event: { type: string; id: string } = JSON.parse(body);
      received.push({ type: event.type, id: event.id, signed: isSigned(body, request.headers) });
      response.writeHead(answers.shift() ?? 200).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const address = receiver.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/hook`;
}

/** The official library is the judge of the signature. */
function isSigned(body: string, headers: NodeJS.Dict<string | string[]>): boolean {
  try {
    const header = String(headers['stripe-signature']);
    StripeSdk.webhooks.constructEvent(body, header, secret);
    return true;
  } catch {
    return false;
  }
}

async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!(await done())) {
    if (Date.now() > deadline) throw new Error('it did not happen in 5 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

beforeEach(async () => {
  received = [];
  answers = [];
  hook = await listen();
  sandbox = await startSandbox({ webhook: { url: hook, secret }, webhookBackoffMs: 10 });
});
afterEach(async () => {
  await sandbox.close();
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
});

const pay = (url = sandbox.url) =>
  sdkFor(url).paymentIntents.create({
    amount: 2000,
    currency: 'usd',
    allowed_payment_method_types: ['card'],
    confirm: true,
    payment_method: 'pm_card_visa',
  });
const types = () => received.map((each) => each.type).toSorted();

describe("the sandbox's webhooks", () => {
  it('each event of a payment arrives signed', async () => {
    await pay();
    await until(() => received.length === 3);
    expect(types()).toEqual([
      'charge.succeeded',
      'payment_intent.created',
      'payment_intent.succeeded',
    ]);
    expect(received.every((each) => each.signed)).toBe(true);
  });

  it('a refused delivery comes again, as the same event, until it is taken', async () => {
    answers = [500, 500, 500, 400];
    await pay();
    await until(async () => (await controlOf(sandbox.url).webhooks()).delivered === 3);
    expect(received).toHaveLength(7);
    expect(new Set(received.map((each) => each.id)).size).toBe(3);
  });

  it('scripted webhook faults drop, double and forge', async () => {
    const control = controlOf(sandbox.url);
    await control.webhookFault({ type: 'created$', action: { kind: 'drop' } });
    await control.webhookFault({ type: '^charge', action: { kind: 'duplicate', copies: 2 } });
    await control.webhookFault({ type: 'succeeded$', action: { kind: 'bad_signature' } });
    await pay();
    await until(() => received.length === 4);
    expect(types()).toEqual([
      ...Array<string>(3).fill('charge.succeeded'),
      'payment_intent.succeeded',
    ]);
    expect(received.filter((each) => !each.signed).map((each) => each.type)).toEqual([
      'payment_intent.succeeded',
    ]);
  });

  it('scripted webhook faults turn the order round and come late', async () => {
    const control = controlOf(sandbox.url);
    await control.webhookFault({ action: { kind: 'reverse', count: 3 } });
    await pay();
    await until(() => received.length === 3);
    const { data: newestFirst } = await sdkFor(sandbox.url).events.list();
    expect(received.map((each) => each.id)).toEqual(newestFirst.map((event) => event.id));
    received = [];
    await control.webhookFault({ type: 'created$', action: { kind: 'delay', delayMs: 100 } });
    await pay();
    await until(() => received.length === 3);
    expect(received.at(-1)?.type).toBe('payment_intent.created');
  });

  it('the events that a receiver did not get are listed until it does', async () => {
    const control = controlOf(sandbox.url);
    await control.webhookFault({ type: 'created$', action: { kind: 'drop' } });
    await pay();
    await until(async () => (await control.webhooks()).delivered === 2);
    const stripe = sdkFor(sandbox.url);
    const typesOf = async (delivery_success: boolean) =>
      (await stripe.events.list({ delivery_success })).data.map((event) => event.type);
    expect(await typesOf(false)).toEqual(['payment_intent.created']);
    expect(await typesOf(true)).toEqual(['payment_intent.succeeded', 'charge.succeeded']);
  });

  it('delayed, reversed and refused deliveries outlive a restart, each event sent at last', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'sandbox-'));
    const kept = { dataFile: path.join(folder, 'sandbox.jsonl'), webhookBackoffMs: 60_000 };
    const webhook = { url: hook, secret };
    const before = await startSandbox({ ...kept, webhook });
    const delay = { kind: 'delay', delayMs: 60_000 };
    await controlOf(before.url).webhookFault({ type: 'intent.created', action: delay });
    const reverse = { kind: 'reverse', count: 9 };
    await controlOf(before.url).webhookFault({ type: '^charge', action: reverse });
    answers = [500];
    await pay(before.url);
    await until(async () => (await controlOf(before.url).webhooks()).failedAttempts === 1);
    await before.close();
    received = [];

    const after = await startSandbox({ ...kept, webhook });
    await until(() => received.length === 3);
    expect(types()).toEqual([
      'charge.succeeded',
      'payment_intent.created',
      'payment_intent.succeeded',
    ]);
    expect(received.every((each) => each.signed)).toBe(true);
    const listed = await sdkFor(after.url).events.list();
    const ids = (events: { id: string }[]) => events.map(({ id }) => id).toSorted();
    expect(ids(listed.data)).toEqual(ids(received));
    await after.close();
    rmSync(folder, { recursive: true });
  });

  it('an endpoint hears what it asked for until it is deleted, and only on this machine', async () => {
    const stripe = sdkFor(sandbox.url);
    const url = `${sandbox.url}/elsewhere`;
    const endpoint = await stripe.webhookEndpoints.create({
      url,
      enabled_events: ['refund.created'],
    });
    expect(endpoint.secret).toMatch(/^whsec_/);
    await stripe.webhookEndpoints.del(endpoint.id);
    expect((await stripe.webhookEndpoints.list()).data).toHaveLength(1);
    const outside = { url: 'https://example.com/hook', enabled_events: ['*' as const] };
    await expect(stripe.webhookEndpoints.create(outside)).rejects.toThrow('this machine only');
  });
});
