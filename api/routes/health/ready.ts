import type { Request, RequestHandler } from 'express';
import type { Authenticate } from '../../../application/authenticate';
import { RequestRefused } from '../../../application/errors';
import { DependencyUnavailable } from '../../../application/ports/availability';
import { parseBearer } from '../../headers/bearer';

export interface ReadinessCheck {
  readonly name: string;
  /** Without a required part no request can be served; without another one some are slower. */
  readonly required: boolean;
  /** Rejects, or stays silent too long, when the part is away. */
  readonly check: () => Promise<unknown>;
}

export interface ReadinessOptions {
  readonly checks: readonly ReadinessCheck[];
  readonly isDraining: () => boolean;
  readonly authenticate: Authenticate;
}

const limitMs = 1_000;
const longestReason = 200;

/**
 * GET /readyz: 200 while every required part answers and the process does not drain, else 503.
 * What each part says is for keys of the scope `operate`: names of servers and their errors are
 * nobody else's business.
 */
export function readyz(options: ReadinessOptions): RequestHandler {
  return async (request, response) => {
    const [parts, isOperator] = await Promise.all([
      Promise.all(options.checks.map(examine)),
      asksAsOperator(request, options.authenticate),
    ]);
    const isReady = !options.isDraining() && parts.every((part) => part.ok || !part.required);
    const status = options.isDraining() ? 'draining' : isReady ? 'ready' : 'not_ready';
    response.status(isReady ? 200 : 503).json({
      status,
      ...(isOperator ? { parts: Object.fromEntries(parts.map(describe)) } : {}),
    });
  };
}

/** @throws RequestRefused for a key that is not live or has not the scope; no key at all is fine */
async function asksAsOperator(request: Request, authenticate: Authenticate): Promise<boolean> {
  const header = request.get('Authorization');
  if (header === undefined) return false;
  try {
    const { scopes } = await authenticate(parseBearer(header));
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

async function examine(part: ReadinessCheck): Promise<Examined> {
  const from = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${limitMs} ms`), limitMs);
  });
  const answer = part.check().then(
    () => null,
    (error: unknown) => reasonOf(error),
  );
  const reason = await Promise.race([answer, silence]);
  clearTimeout(timer);
  return { ...part, ok: reason === null, tookMs: Math.round(performance.now() - from), reason };
}

function reasonOf(error: unknown): string {
  const text = error instanceof Error && error.message !== '' ? error.message : String(error);
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, longestReason);
}
