import { Call } from './call';
import type { FaultAction, Faults, FaultSpec } from './faults';
import { finishChallenge } from './intent-confirm';
import { ledger } from './ledger';
import type { RequestLog } from './request-log';
import type { WebhookDeliveries } from './webhook-deliveries';
import type { WebhookFaults, WebhookFaultSpec } from './webhook-faults';
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

/** A control request that makes no sense; answered 400 with this message. */
export class ControlError extends Error {}

const FAULT_KINDS: readonly FaultAction['kind'][] = [
  'delay',
  'reset_before',
  'apply_then_reset',
  'apply_then_hang',
  'status',
  'malformed_body',
];

function record(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  throw new ControlError('Send a JSON object.');
}

/** Only the kind and its numbers are checked: the script's author sits at this machine. */
function readFault(body: unknown): FaultSpec {
  const action = record(record(body)['action']);
  if (!FAULT_KINDS.some((kind) => kind === action['kind'])) {
    throw new ControlError(`action.kind must be one of ${FAULT_KINDS.join(', ')}`);
  }
  if (action['kind'] === 'delay' && typeof action['delayMs'] !== 'number') {
    throw new ControlError('a delay needs a delayMs');
  }
  if (action['kind'] === 'status' && typeof action['status'] !== 'number') {
    throw new ControlError('a status fault needs a status');
  }
  return body as FaultSpec;
}

function advanceClock({ world }: ControlDeps, body: unknown): object {
  const advanceMs = record(body)['advanceMs'];
  if (typeof advanceMs !== 'number' || advanceMs < 0) {
    throw new ControlError('advanceMs must be a number of milliseconds, not negative');
  }
  world.clock.advance(advanceMs);
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
  const cause = { requestId: null, idempotencyKey: null };
  const call = new Call({ world, id, cause, form: {}, version: null });
  finishChallenge(call, intent, record(body)['outcome'] === 'succeed');
  return intent;
}

function expireKeys({ world }: ControlDeps, body: unknown): object {
  const pattern = record(body ?? {})['key'];
  return { expired: world.keys.expire(new RegExp(typeof pattern === 'string' ? pattern : '')) };
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
    case 'GET webhooks':
      return deps.deliveries.counts();
    case 'POST webhooks': {
      deps.webhookFaults.arm(record(request.body) as unknown as WebhookFaultSpec);
      return { armed: true };
    }
    case 'DELETE webhooks':
      deps.webhookFaults.clear();
      return { cleared: true };
    default:
      return null;
  }
}
