import { readFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import path from 'node:path';
import { basketOf, newBasketCookie, order, paymentOf } from './basket';
import type { Payment, Paysaga } from './paysaga';
import type { Settings } from './settings';

type Shop = Pick<Settings, 'publishableKey' | 'sandboxUrl'> & { readonly paysaga: Paysaga };
type Handle = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

const SOURCES = path.join(__dirname, '../../../examples/checkout/page');
const SCRIPTS = path.join(__dirname, 'page');
const SCRIPT = /^\/(checkout|sandbox-cards|stripe-element|refusal)\.mjs$/;
const STATUS = /^\/status\/(pay_[0-9a-f]{32})$/;

/** The shop's few routes. Whatever is not one of them is 404. */
export function createShop(shop: Shop): RequestListener {
  const headers = securityHeaders(shop.sandboxUrl);
  return (request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    void answer(shop, request, response);
  };
}

async function answer(shop: Shop, request: IncomingMessage, response: ServerResponse) {
  try {
    await handleOf(shop, request)(request, response);
  } catch (error) {
    // The name and status of the fault alone: an answer's text could carry a secret into a log.
    process.stderr.write(`${request.method} ${pathOf(request)}: ${String(error)}\n`);
    sendJson(response, { status: 503, body: { error: 'paysaga does not answer' } });
  }
}

function handleOf(shop: Shop, request: IncomingMessage): Handle {
  const route = `${request.method} ${pathOf(request)}`;
  if (request.method === 'POST' && isFromElsewhere(request)) return refuse;
  if (route === 'GET /' || route === 'GET /return') return showPage;
  if (route === 'POST /pay') return (...exchange) => pay(shop, ...exchange);
  if (route === 'POST /new-basket') return beginAgain;
  if (request.method !== 'GET') return notFound;
  if (STATUS.test(pathOf(request))) return (...exchange) => showStatus(shop, ...exchange);
  return sendFile;
}

/** The way back from a challenge leads to the same page: what it shows, it asks paysaga. */
function showPage(request: IncomingMessage, response: ServerResponse): void {
  if (basketOf(request.headers.cookie) === null)
    response.setHeader('Set-Cookie', newBasketCookie());
  const page = readFileSync(path.join(SOURCES, 'index.html'), 'utf8');
  const filled = page.replaceAll('{{title}}', order.title).replaceAll('{{total}}', order.total);
  response.setHeader('Content-Type', 'text/html; charset=utf-8').end(filled);
}

function beginAgain(_: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Set-Cookie', newBasketCookie());
  response.writeHead(303, { Location: '/' }).end();
}

/** May be sent as often as one likes: a basket has one payment. */
async function pay(shop: Shop, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const basket = basketOf(request.headers.cookie);
  if (basket === null) return refuse(request, response);
  const payment = await paymentOf(shop.paysaga, basket);
  sendJson(response, {
    status: 200,
    body: {
      ...shown(payment),
      payment_id: payment?.id ?? null,
      client_secret: payment?.clientSecret ?? null,
      publishable_key: shop.publishableKey,
      sandbox_url: shop.sandboxUrl,
    },
  });
}

/** Only the payment of the browser's own basket: an id alone tells nobody anything. */
async function showStatus({ paysaga }: Shop, request: IncomingMessage, response: ServerResponse) {
  const basket = basketOf(request.headers.cookie);
  const payment = await paysaga.read(STATUS.exec(pathOf(request))?.[1] ?? '');
  if (payment === null || payment.reference !== basket) return notFound(request, response);
  sendJson(response, { status: 200, body: shown(payment) });
}

function shown(payment: Payment | null) {
  return { status: payment?.status ?? 'pending', failure: payment?.failure ?? null };
}

function sendFile(request: IncomingMessage, response: ServerResponse): void {
  const file = pathOf(request);
  if (file === '/checkout.css') {
    const style = readFileSync(path.join(SOURCES, 'checkout.css'));
    response.setHeader('Content-Type', 'text/css; charset=utf-8').end(style);
  } else if (SCRIPT.test(file)) {
    const script = readFileSync(path.join(SCRIPTS, file));
    response.setHeader('Content-Type', 'text/javascript; charset=utf-8').end(script);
  } else notFound(request, response);
}

function notFound(_: IncomingMessage, response: ServerResponse): void {
  sendJson(response, { status: 404, body: { error: 'not found' } });
}

function refuse(_: IncomingMessage, response: ServerResponse): void {
  sendJson(response, { status: 403, body: { error: 'not from this page' } });
}

function sendJson(
  response: ServerResponse,
  { status, body }: { readonly status: number; readonly body: object },
): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

/** Every browser of today says where a request comes from; another site may not begin a payment. */
function isFromElsewhere({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  return site !== undefined && site !== 'same-origin';
}

const pathOf = (request: IncomingMessage): string =>
  new URL(request.url ?? '/', 'http://shop').pathname;

/**
 * What Stripe.js needs is from https://docs.stripe.com/security/guide#content-security-policy. It
 * must be loaded from Stripe, so that it is the version that Stripe answers for.
 */
function securityHeaders(sandboxUrl: string | null): Record<string, string> {
  const scripts = sandboxUrl === null ? ' https://js.stripe.com https://*.js.stripe.com' : '';
  const frames = sandboxUrl === null ? `${scripts} https://hooks.stripe.com`.trim() : "'none'";
  const policy = [
    "default-src 'none'",
    `script-src 'self'${scripts}`,
    `frame-src ${frames}`,
    `connect-src 'self' ${sandboxUrl ?? 'https://api.stripe.com'}`,
    "style-src 'self'",
    'img-src data:',
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'Content-Security-Policy': policy.join('; '),
    'Cache-Control': 'no-store',
    // The way back from a challenge has the client secret in its address.
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  };
}
