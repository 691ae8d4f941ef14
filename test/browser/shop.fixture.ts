import { chromium } from 'playwright-core';
import type { Page } from 'playwright-core';
import { startProcess } from '../support/process';
import { fromStack } from '../support/stack-environment';

const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];
const STEP_MS = 15_000;
/** As the shop sells for 1250 minor units of EUR. */
export const PAY = 'Pay 12.50 €';

/**
 * The shop of examples/checkout in front of the running service, and a browser to visit it.
 * @param stripe where the shop lets browsers confirm, as its environment says it
 */
export async function openShop(stripe: Readonly<Record<string, string>>) {
  const paysaga = { API_URL: fromStack('API_URL'), API_KEY: fromStack('API_KEY') };
  const [shop, browser] = await Promise.all([
    startProcess({
      entry: 'examples/checkout/main.js',
      portVariable: 'CHECKOUT_PORT',
      readyPath: '/',
      env: { ...paysaga, ...stripe },
    }),
    chromium.launch({ executablePath: fromStack('TEST_CHROMIUM'), args: FLAGS }),
  ]);
  return {
    url: shop.url,
    log: shop.log,
    /** A customer who was never here before. */
    async visit(prepare?: (page: Page) => Promise<void>): Promise<Customer> {
      const context = await browser.newContext();
      context.setDefaultTimeout(STEP_MS);
      const page = await context.newPage();
      await prepare?.(page);
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('console', (message) => {
        if (message.text().includes('Content Security Policy')) complaints.push(message.text());
      });
      await page.goto(shop.url);
      return { page, complaints, basket: await basketOf(page) };
    },
    /** @throws when the shop did not end by itself */
    async close() {
      await browser.close();
      const code = await shop.stop();
      if (code !== 0) throw new Error(`the shop ended with ${code}:\n${shop.log()}`);
    },
  };
}

export type Shop = Awaited<ReturnType<typeof openShop>>;

export interface Customer {
  readonly page: Page;
  /** What the page's own policy refused, and what its script threw. */
  readonly complaints: readonly string[];
  /** The reference of the payment. */
  readonly basket: string;
}

async function basketOf(page: Page): Promise<string> {
  const cookies = await page.context().cookies();
  return cookies.find(({ name }) => name === 'basket')?.value ?? '';
}

/** Chooses a card by what its label says, and pays. */
export async function payWith({ page }: Customer, card: RegExp): Promise<void> {
  await page.getByRole('radio', { name: card }).check();
  await page.getByRole('button', { name: PAY }).click();
}

/** Answers the sandbox's challenge page. @returns the address that it leads back to */
export async function answerChallenge({ page }: Customer, button: RegExp): Promise<URL> {
  await page.waitForURL(/\/challenges\//);
  const back = page.waitForRequest(/\/return\?/);
  await page.getByRole('button', { name: button }).click();
  return new URL((await back).url());
}

/** Resolves once the page says so. */
export async function isTold({ page }: Pick<Customer, 'page'>, text: RegExp): Promise<void> {
  await page.getByRole('status').or(page.getByRole('alert')).filter({ hasText: text }).waitFor();
}

/** Resolves once a card can be chosen. */
export async function mayPay({ page }: Customer): Promise<void> {
  await page.getByRole('button', { name: PAY }).waitFor();
}

/** Every payment that paysaga has for the basket, newest first. */
export async function paymentsOf(basket: string): Promise<ListedPayment[]> {
  const url = `${fromStack('API_URL')}/v1/payments?reference=${basket}`;
  const response = await fetch(url, {
    headers: { Authorization: `Bearer ${fromStack('API_KEY')}` },
  });
  return ((await response.json()) as { data: ListedPayment[] }).data;
}

/** The merchant cancels, and hears that it is done. */
export async function cancel(paymentId: string): Promise<void> {
  const response = await fetch(`${fromStack('API_URL')}/v1/payments/${paymentId}/cancel`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${fromStack('API_KEY')}`,
      'Content-Type': 'application/json',
      'Idempotency-Key': `${paymentId}:cancel`,
      Prefer: 'wait=10',
    },
    body: '{}',
  });
  expect(await response.json()).toMatchObject({ status: 'canceled' });
}

export interface ListedPayment {
  readonly id: string;
  readonly status: string;
  readonly amount_captured: number;
}

/** What the provider did for a payment, one entry for each intent. */
export async function providerLedgerOf(paymentId: string): Promise<unknown[]> {
  const query = new URLSearchParams({ 'metadata[paysaga_payment_id]': paymentId });
  const response = await fetch(
    `${fromStack('STRIPE_API_URL')}/_sandbox/ledger?${query.toString()}`,
  );
  return ((await response.json()) as { data: unknown[] }).data;
}
