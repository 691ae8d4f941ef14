import { finishChallenge } from './challenge';
import { changeRefund, closeDisputeByBank, disputeCharge } from './control-money';
import { ControlError, readFault, readWebhookFault, Script } from './fault-scripts';
import type { Faults } from './faults';
import { ledger } from './ledger';
import type { RequestLog } from './request-log';
import type { WebhookDeliveries } from './webhook-deliveries';
import type { WebhookFaults } from './webhook-faults';
import type { World } from './world';

export interface ControlDeps {
  world: World;
  faults: Faults;
  webhookFaults: WebhookFaults;
  deliveries: WebhookDeliveries;
  log: RequestLog;
}

export interface ControlRequest {
  method: string;
  /** Behind `/_sandbox/`. */
  path: string;
  query: URLSearchParams;
  body: unknown;
}

function advanceClock({ world }: ControlDeps, body: unknown): object {
  world.clock.advance(new Script(body).number('advanceMs'));
  return { nowMs: world.clock.nowMs() };
}

function metadataFilter(query: URLSearchParams): Record<string, string> {
  const pairs = [...query].flatMap(([name, value]): [string, string][] => {
    const key = /^metadata\[(.+)\]$/.exec(name)?.[1];
    return key === undefined ? [] : [[key, value]];
  });
  return Object.fromEntries(pairs);
}

function listRequests({ log }: ControlDeps, query: URLSearchParams): object {
  const intent = query.get('payment_intent');
  const key = query.get('idempotency_key');
  const route = query.get('route');
  const metadata = Object.entries(metadataFilter(query));
  const data = log.find(
    (entry) =>
      (intent === null || entry.intentId === intent) &&
      (key === null || entry.idempotencyKey === key) &&
      (route === null || entry.route === route) &&
      metadata.every(([name, value]) => entry.metadata[name] === value),
  );
  return { ...log.counts(), count: data.length, data };
}

function authenticateIntent({ world }: ControlDeps, id: string, body: unknown): object {
  const intent = world.intents.get(id);
  if (intent === undefined) throw new ControlError(`no such payment intent: ${id}`);
  const outcome = new Script(body).oneOf('outcome', ['succeed', 'fail']);
  finishChallenge(world, intent, outcome === 'succeed');
  return intent;
}

function expireKeys({ world }: ControlDeps, body: unknown): object {
  const script = new Script(body ?? {});
  const pattern = script.has('key') ? script.pattern('key') : '';
  return { expired: world.keys.expire(new RegExp(pattern)) };
}

/** Answers one control request with an object for JSON, or null where there is no such route. */
export function answerControl(deps: ControlDeps, request: ControlRequest): object | null {
  const [resource = '', id, action] = request.path.split('/');
  const shape = [request.method, resource, id === undefined ? '' : ':id', action ?? ''];
  switch (shape.join(' ').trim()) {
    case 'GET health':
      return { ok: true, ...deps.log.counts() };
    case 'GET clock':
      return { nowMs: deps.world.clock.nowMs() };
    case 'POST clock':
      return advanceClock(deps, request.body);
    case 'GET faults':
      return { data: deps.faults.list() };
    case 'POST faults':
      return deps.faults.arm(readFault(request.body));
    case 'DELETE faults':
      return { cleared: deps.faults.clear() };
    case 'DELETE faults :id':
      return { cleared: deps.faults.clear(id) };
    case 'GET ledger': {
      const intentId = request.query.get('payment_intent');
      return { data: ledger(deps.world, { intentId, metadata: metadataFilter(request.query) }) };
    }
    case 'GET requests':
      return listRequests(deps, request.query);
    case 'POST idempotency_keys':
      return expireKeys(deps, request.body);
    case 'POST payment_intents :id authenticate':
      return authenticateIntent(deps, id ?? '', request.body);
    case 'POST charges :id dispute':
      return disputeCharge(deps.world, id ?? '', request.body);
    case 'POST refunds :id':
      return changeRefund(deps.world, id ?? '', request.body);
    case 'POST disputes :id close':
      return closeDisputeByBank(deps.world, id ?? '', request.body);
    case 'GET webhooks':
      return deps.deliveries.counts();
    case 'POST webhooks':
      deps.webhookFaults.arm(readWebhookFault(request.body));
      return { armed: true };
    case 'DELETE webhooks':
      deps.webhookFaults.clear();
      return { cleared: true };
    default:
      return null;
  }
}
