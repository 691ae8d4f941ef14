import type Stripe from 'stripe';
import { challengeUrl, finishChallenge, wayBack } from './challenge';
import type { Reply } from './exchange';
import type { World } from './world';

const PATH = /^\/challenges\/(pi_\w+)\/payatt_\w+$/;
const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:28rem;margin:4rem auto;padding:0 1rem}' +
  'button{font:inherit;padding:.5rem 1rem;margin:1rem .5rem 0 0}';

export function isChallengePath(path: string): boolean {
  return path.startsWith('/challenges/');
}

function page(status: number, content: string): Reply {
  const head =
    '<meta charset="utf-8"><meta name="viewport" content="width=device-width">' +
    `<title>3-D Secure</title><style>${STYLE}</style>`;
  return {
    status,
    body: `<!doctype html><html lang="en"><head>${head}</head><body>${content}</body></html>`,
    headers: {
      'cache-control': 'no-store',
      'content-type': 'text/html; charset=utf-8',
      // The return address carries the client secret, which no other site is to be told.
      'referrer-policy': 'no-referrer',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
      'x-frame-options': 'DENY',
    },
  };
}

function question(intent: Stripe.PaymentIntent): Reply {
  const amount = `${intent.amount} ${intent.currency.toUpperCase()}`;
  return page(
    200,
    '<main><h1>3-D Secure test challenge</h1>' +
      `<p>A payment of ${amount}, in the currency's smallest unit, waits for its cardholder.</p>` +
      '<form method="post">' +
      '<button name="outcome" value="complete">Complete authentication</button>' +
      '<button name="outcome" value="fail">Fail authentication</button>' +
      '</form></main>',
  );
}

function decide(world: World, intent: Stripe.PaymentIntent, body: string): Reply {
  const outcome = new URLSearchParams(body).get('outcome');
  if (outcome !== 'complete' && outcome !== 'fail') return question(intent);
  const back = wayBack(intent);
  finishChallenge(world, intent, outcome === 'complete');
  const good = intent.status === 'succeeded' || intent.status === 'requires_capture';
  if (back === null) return page(200, '<p>Done. You can close this window.</p>');
  const location = back(good ? 'succeeded' : 'failed');
  return { status: 303, body: '', headers: { location, 'referrer-policy': 'no-referrer' } };
}

/** The cardholder's side of a challenge: GET asks, POST with `outcome` ends it. */
export function answerChallenge(
  world: World,
  request: { method: string; path: string; body: string },
): Reply {
  const intent = world.intents.get(PATH.exec(request.path)?.[1] ?? '');
  const url = intent === undefined ? null : challengeUrl(intent);
  // The path alone is compared: a restarted sandbox may have another port.
  if (intent === undefined || url === null || new URL(url).pathname !== request.path) {
    return page(410, '<p>This challenge is over, or there never was one.</p>');
  }
  return request.method === 'POST' ? decide(world, intent, request.body) : question(intent);
}
