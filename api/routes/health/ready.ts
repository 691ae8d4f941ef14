import type { Request } from 'express';
import { z } from 'zod';
import type { Authenticate } from '../../../application/authenticate';
import { RequestRefused } from '../../../application/errors';
import { DependencyUnavailable } from '../../../application/ports/availability';
import { identify } from '../../middleware/authentication';
import { json } from '../../routing/answer';
import { route } from '../../routing/route';
import type { ReadinessCheck } from './readiness-check';

const limitMs = 1_000;
const longestReason = 200;

const part = z.strictObject({
  state: z.enum(['ok', 'degraded', 'down']),
  took_ms: z.int().meta({ description: 'Milliseconds.' }),
  reason: z.string().optional(),
});

const readiness = z
  .strictObject({
    status: z.enum(['ready', 'not_ready', 'draining']),
    parts: z.record(z.string(), part).optional(),
  })
  .meta({ id: 'Readiness' });

/**
 * What each part says is for keys of the scope `operate`: names of servers and their errors are
 * nobody else's business.
 */
export const readyz = route({
  method: 'get',
  path: '/readyz',
  operationId: 'readyz',
  tag: 'operations',
  summary: 'Whether the process can serve requests',
  description: 'A key of the scope `operate` is shown what each part says.',
  scope: null,
  // Whoever restarts this process by it must always get an answer.
  isUnlimited: true,
  optionalScope: 'operate',
  answers: {
    200: json('Every part without which nothing works answers.', readiness),
    503: json('One of them does not, or the process is ending.', readiness),
  },
  handle: (deps) => async (given, response) => {
    const [parts, isOperator] = await Promise.all([
      Promise.all(deps.checks.map(examine)),
      asksAsOperator(given.request, deps.authenticate),
    ]);
    const isReady = !deps.isDraining() && parts.every(({ ok, required }) => ok || !required);
    const status = deps.isDraining() ? 'draining' : isReady ? 'ready' : 'not_ready';
    response.status(isReady ? 200 : 503).json({
      status,
      ...(isOperator ? { parts: Object.fromEntries(parts.map(describe)) } : {}),
    });
  },
});

/** @throws RequestRefused for a key that is not live or has not the scope; no key at all is fine */
async function asksAsOperator(request: Request, authenticate: Authenticate): Promise<boolean> {
  if (request.get('Authorization') === undefined) return false;
  try {
    const { scopes } = await identify(authenticate, request);
    if (!scopes.includes('operate')) throw new RequestRefused('insufficient_scope');
    return true;
  } catch (error) {
    // Without the database no key can be checked, and that is what the status will say.
    if (error instanceof DependencyUnavailable) return false;
    throw error;
  }
}

interface Examined extends ReadinessCheck {
  readonly ok: boolean;
  readonly tookMs: number;
  readonly reason: string | null;
}

function describe({ name, ok, required, tookMs, reason }: Examined) {
  const state = ok ? 'ok' : required ? 'down' : 'degraded';
  return [name, { state, took_ms: tookMs, ...(reason === null ? {} : { reason }) }] as const;
}

async function examine(check: ReadinessCheck): Promise<Examined> {
  const from = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${limitMs} ms`), limitMs);
  });
  const answer = check.check().then(
    () => null,
    (error: unknown) => reasonOf(error),
  );
  const reason = await Promise.race([answer, silence]);
  clearTimeout(timer);
  return { ...check, ok: reason === null, tookMs: Math.round(performance.now() - from), reason };
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error && error.message !== '' ? error.message : String(error);
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, longestReason);
}
