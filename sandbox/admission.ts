import { invalidRequest } from './api-failure';
import { authenticate, checkPublishable } from './api-keys';
import { Call } from './call';
import { checkExpand } from './expansion';
import { bodyMetadata, type FaultSubject } from './faults';
import { formItems, parseForm, type FormObject } from './form-body';
import { checkPublicExpand } from './publishable';
import { findRoute, type Route } from './routes';
import type { World } from './world';

const MOST_KEY_LENGTH = 255;

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

function checkKey(key: string | null): void {
  if (key === null || key.length <= MOST_KEY_LENGTH) return;
  throw invalidRequest({
    message: `Idempotency keys can be up to ${MOST_KEY_LENGTH} characters long.`,
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
  const isForm = incoming.contentType.startsWith('application/x-www-form-urlencoded');
  const form = parseForm(incoming.method !== 'POST' ? incoming.query : isForm ? incoming.body : '');
  const publishable = authenticate(incoming.authorization, form) === 'publishable';
  const found = findRoute(incoming.method, incoming.path);
  if (found === undefined) {
    throw invalidRequest({
      status: 404,
      message: `Unrecognized request URL (${incoming.method}: ${incoming.path}).`,
    });
  }
  if (incoming.body !== '' && !isForm) {
    throw invalidRequest({ message: 'Send parameters as application/x-www-form-urlencoded.' });
  }
  const { route, id } = found;
  if (publishable) {
    checkPublishable(world, { open: route.publishable === true, id, form });
    checkPublicExpand(formItems(form['expand']));
  }
  checkKey(incoming.idempotencyKey);
  const [kind = '', act] = route.name.split('.');
  checkExpand(formItems(form['expand']), { kind, list: act === 'list' });
  const cause = { requestId, idempotencyKey: incoming.idempotencyKey };
  const call = new Call({ world, id, cause, form, version: incoming.version, publishable });
  const key = incoming.method === 'POST' ? incoming.idempotencyKey : null;
  const exchange = { incoming, route, form, call, requestId, key };
  return { ...exchange, subject: subjectOf(world, exchange) };
}
