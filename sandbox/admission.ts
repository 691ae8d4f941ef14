import { invalidRequest } from './api-failure';
import { Call } from './call';
import { bodyMetadata, type FaultSubject } from './faults';
import { parseForm, type FormObject } from './form-body';
import { findRoute, type Route } from './routes';
import type { World } from './world';

export interface Incoming {
  method: string;
  /** Without the query. */
  path: string;
  query: string;
  body: string;
  contentType: string;
  authorization: string | null;
  idempotencyKey: string | null;
  version: string | null;
}

/** A request that reached its route. */
export interface Admitted {
  incoming: Incoming;
  route: Route;
  form: FormObject;
  call: Call;
  requestId: string;
  /** Null for a read: Stripe ignores the key there. */
  key: string | null;
  subject: FaultSubject;
}

/** Basic auth carries the key as user name, Bearer as token; only test keys are let in. */
function authenticate(authorization: string | null): void {
  const [scheme = '', value = ''] = (authorization ?? '').split(' ');
  const key =
    scheme.toLowerCase() === 'basic'
      ? (Buffer.from(value, 'base64').toString('utf8').split(':')[0] ?? '')
      : value;
  if (/^(sk|rk)_test_\w+$/.test(key)) return;
  throw invalidRequest({
    status: 401,
    message:
      authorization === null
        ? 'You did not provide an API key.'
        : 'Invalid API Key provided: the sandbox takes sk_test_ and rk_test_ keys only.',
  });
}

function subjectOf(world: World, exchange: Omit<Admitted, 'subject'>): FaultSubject {
  const { form, incoming, route, call } = exchange;
  const named = form['payment_intent'];
  const intentId = call.id.startsWith('pi_') ? call.id : typeof named === 'string' ? named : null;
  const intent = intentId === null ? undefined : world.intents.get(intentId);
  const amount = form['amount'];
  return {
    route: route.name,
    method: incoming.method,
    idempotencyKey: incoming.idempotencyKey,
    intentId,
    amount: typeof amount === 'string' ? Number(amount) : (intent?.amount ?? null),
    metadata: { ...intent?.metadata, ...bodyMetadata(form) },
  };
}

/**
 * Everything Stripe does before a request may execute: key, route and parameters are read.
 * Throws the `ApiFailure` of a request that gets no further.
 */
export function admit(world: World, incoming: Incoming, requestId: string): Admitted {
  authenticate(incoming.authorization);
  const found = findRoute(incoming.method, incoming.path);
  if (found === undefined) {
    throw invalidRequest({
      status: 404,
      message: `Unrecognized request URL (${incoming.method}: ${incoming.path}).`,
    });
  }
  const isForm = incoming.contentType.startsWith('application/x-www-form-urlencoded');
  if (incoming.body !== '' && !isForm) {
    throw invalidRequest({ message: 'Send parameters as application/x-www-form-urlencoded.' });
  }
  const form = parseForm(incoming.method === 'POST' ? incoming.body : incoming.query);
  const cause = { requestId, idempotencyKey: incoming.idempotencyKey };
  const call = new Call({ world: world, id: found.id, cause, form, version: incoming.version });
  const key = incoming.method === 'POST' ? incoming.idempotencyKey : null;
  const exchange = { incoming, route: found.route, form, call, requestId, key };
  return { ...exchange, subject: subjectOf(world, exchange) };
}
