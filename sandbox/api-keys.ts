import { invalidRequest } from './api-failure';
import type { FormObject } from './form-body';
import type { World } from './world';

/** Basic auth carries the key as user name, Bearer as token. */
function keyIn(authorization: string): string {
  const [scheme = '', value = ''] = authorization.split(' ');
  if (scheme.toLowerCase() !== 'basic') return value;
  return Buffer.from(value, 'base64').toString('utf8').split(':')[0] ?? '';
}

/**
 * Who asks, by header or, as browsers do, by the parameter `key`, which is taken out of `form`.
 * Only test keys are let in.
 */
export function authenticate(
  authorization: string | null,
  form: FormObject,
): 'secret' | 'publishable' {
  const given = form['key'];
  const publishable = typeof given === 'string' && given.startsWith('pk_');
  if (publishable) delete form['key'];
  const key = authorization !== null ? keyIn(authorization) : publishable ? given : null;
  if (key !== null && /^(sk|rk)_test_\w+$/.test(key)) return 'secret';
  if (key !== null && /^pk_test_\w+$/.test(key)) return 'publishable';
  throw invalidRequest({
    status: 401,
    message:
      key === null
        ? 'You did not provide an API key.'
        : 'Invalid API Key provided: the sandbox takes test keys only.',
  });
}

/**
 * A publishable key is in every visitor's hands: it opens the few calls that browsers make, and
 * each of them only with the secret of the one intent. Checked before the idempotency key, so that
 * nobody is replayed an answer that was meant for the server.
 */
export function checkPublishable(
  world: World,
  request: { open: boolean; id: string; form: FormObject },
): void {
  if (!request.open) {
    throw invalidRequest({
      status: 401,
      code: 'secret_key_required',
      message:
        'This API call cannot be made with a publishable API key. Please use a secret API key.',
    });
  }
  const secret = request.form['client_secret'];
  if (typeof secret !== 'string' || secret === '') {
    throw invalidRequest({
      code: 'parameter_missing',
      message: 'Missing required param: client_secret.',
      param: 'client_secret',
    });
  }
  // An unknown intent is the handler's 404.
  checkClientSecret(world, request.id, secret);
}

export function checkClientSecret(world: World, intentId: string, secret: string): void {
  const intent = world.intents.get(intentId);
  if (intent === undefined || intent.client_secret === secret) return;
  throw invalidRequest({
    code: 'payment_intent_invalid_parameter',
    message:
      'The client_secret provided does not match the client_secret associated with the ' +
      'PaymentIntent.',
    param: 'client_secret',
  });
}
