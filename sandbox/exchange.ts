import { admit, type Admitted, type Incoming } from './admission';
import { ApiFailure, toEnvelope, type FailureDetails } from './api-failure';
import { expand } from './expansion';
import type { FaultAction, Faults } from './faults';
import { canonicalForm, formItems } from './form-body';
import { newId } from './ids';
import { publicAnswer, publicFailure } from './publishable';
import type { RequestLog } from './request-log';
import { scriptedFailure } from './scripted-failures';
import type { World } from './world';

export interface Reply {
  status: number;
  body: string;
  headers: Record<string, string>;
}

/** What the server does with the connection. */
export type Outcome =
  | { kind: 'reply'; reply: Reply }
  | { kind: 'reset' }
  | { kind: 'hang' }
  /** The body is sent as given and, when `cut`, the connection ends inside it. */
  | { kind: 'broken'; reply: Reply; cut: boolean };

export interface ExchangeDeps {
  world: World;
  faults: Faults;
  log: RequestLog;
  wait: (ms: number) => Promise<void>;
}

function failureReply(details: FailureDetails, requestId: string): Reply {
  const headers: Record<string, string> = {};
  if (details.shouldRetry !== undefined) {
    headers['stripe-should-retry'] = String(details.shouldRetry);
  }
  if (details.limitedBy !== undefined) headers['stripe-rate-limited-reason'] = details.limitedBy;
  return {
    status: details.status,
    body: JSON.stringify(toEnvelope(details, requestId), null, 2),
    headers,
  };
}

interface Executed {
  reply: Reply;
  /** False when Stripe would not keep this answer under the key. */
  stored: boolean;
  intentId: string | null;
}

function execute(deps: ExchangeDeps, admitted: Admitted): Executed {
  const { call, route, form, incoming, requestId } = admitted;
  try {
    const { changes } = deps.world;
    const run = (): object => route.handler(call);
    const answer = incoming.method === 'GET' ? changes.quietly(run) : run();
    const expanded = changes.quietly(() => expand(deps.world, answer, formItems(form['expand'])));
    const body = JSON.stringify(call.publishable ? publicAnswer(expanded) : expanded);
    return { reply: { status: 200, body, headers: {} }, stored: true, intentId: intentOf(answer) };
  } catch (error) {
    const details = error instanceof ApiFailure ? error.details : ownFault(error);
    const intentId = details.paymentIntent?.id ?? null;
    const told = call.publishable ? publicFailure(details) : details;
    return { reply: failureReply(told, requestId), stored: details.stored === true, intentId };
  }
}

/** A mistake of the sandbox itself: it must not leave the key in flight for ever. */
function ownFault(error: unknown): FailureDetails {
  const message = `The sandbox failed: ${error instanceof Error ? error.message : 'unknown'}`;
  return { status: 500, type: 'api_error', message, stored: true };
}

function intentOf(answer: object): string | null {
  const ids: unknown[] = [Reflect.get(answer, 'id'), Reflect.get(answer, 'payment_intent')];
  const found = ids.find((id) => typeof id === 'string' && id.startsWith('pi_'));
  return typeof found === 'string' ? found : null;
}

type StatusFault = Extract<FaultAction, { kind: 'status' }>;

function statusReply(fault: StatusFault, requestId: string): Reply {
  const reply = failureReply(scriptedFailure(fault), requestId);
  if (fault.retryAfterSeconds !== undefined) {
    reply.headers['retry-after'] = String(fault.retryAfterSeconds);
  }
  return reply;
}

/** Carries out a request under its key, with the fault that struck it. */
async function carryOut(deps: ExchangeDeps, exchange: Admitted, fault: FaultAction | null) {
  const { key, incoming, form, call, requestId } = exchange;
  if (key !== null) {
    const by = call.publishable ? 'publishable' : 'secret';
    const fingerprint = `${by}\n${incoming.path}\n${canonicalForm(form)}`;
    const { replay } = deps.world.keys.begin(key, fingerprint);
    if (replay !== null) {
      const headers = { 'idempotent-replayed': 'true', 'original-request': replay.requestId };
      return { reply: { ...replay, headers }, intentId: null, replayed: true };
    }
  }
  if (fault?.kind === 'delay') await deps.wait(fault.delayMs);
  const failing = fault?.kind === 'status' ? fault : null;
  const executed =
    failing !== null && failing.applied !== true
      ? { reply: statusReply(failing, requestId), stored: true, intentId: null }
      : execute(deps, exchange);
  if (failing !== null) {
    executed.reply = statusReply(failing, requestId);
    executed.stored = true;
  }
  if (key !== null) {
    const { status, body } = executed.reply;
    if (executed.stored) deps.world.keys.store(key, { status, body, requestId });
    else deps.world.keys.release(key);
  }
  return { reply: executed.reply, intentId: executed.intentId, replayed: false };
}

/** What the client gets to see of an answer that was carried out. */
function spoil(reply: Reply, fault: FaultAction | null): Outcome {
  if (fault?.kind === 'apply_then_reset') return { kind: 'reset' };
  if (fault?.kind === 'apply_then_hang') return { kind: 'hang' };
  if (fault?.kind !== 'malformed_body') return { kind: 'reply', reply };
  if (fault.body === 'truncated') return { kind: 'broken', reply, cut: true };
  const body = '<html><body><h1>502 Bad Gateway</h1></body></html>';
  return { kind: 'broken', reply: { ...reply, status: 502, body }, cut: false };
}

/** Answers one API request; it never throws for what a client may send. */
export async function answerRequest(deps: ExchangeDeps, incoming: Incoming): Promise<Outcome> {
  const requestId = newId('req');
  deps.world.clock.catchUp();
  let exchange: Admitted | null = null;
  let fault: FaultAction | null = null;
  let intentId: string | null = null;
  let replayed = false;
  let outcome: Outcome;
  try {
    exchange = deps.world.changes.quietly(() => admit(deps.world, incoming, requestId));
    fault = deps.faults.active ? deps.faults.take(exchange.subject) : null;
    if (fault?.kind === 'reset_before') outcome = { kind: 'reset' };
    else if (fault?.kind === 'status' && fault.stored !== true) {
      outcome = { kind: 'reply', reply: statusReply(fault, requestId) };
    } else {
      const done = await carryOut(deps, exchange, fault);
      ({ intentId, replayed } = done);
      outcome = spoil(done.reply, fault);
    }
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error;
    outcome = { kind: 'reply', reply: failureReply(error.details, requestId) };
  }
  const status =
    outcome.kind === 'reply' || outcome.kind === 'broken' ? outcome.reply.status : null;
  deps.log.add({
    requestId,
    atMs: deps.world.clock.nowMs(),
    method: incoming.method,
    path: incoming.path,
    route: exchange?.route.name ?? 'unknown',
    idempotencyKey: incoming.idempotencyKey,
    intentId: intentId ?? exchange?.subject.intentId ?? null,
    metadata: exchange?.subject.metadata ?? {},
    status,
    replayed,
    fault: fault?.kind ?? null,
  });
  if ('reply' in outcome) outcome.reply.headers['request-id'] = requestId;
  return outcome;
}
