import type { RequestHandler } from 'express';

export interface ReadinessCheck {
  readonly name: string;
  /** Without a required part no request can be served; without another one some are slower. */
  readonly required: boolean;
  /** Rejects, or stays silent too long, when the part is away. */
  readonly check: () => Promise<unknown>;
}

const limitMs = 1_000;

/** GET /readyz: 200 while every required part answers and the process does not drain. */
export function readyz(options: {
  readonly checks: readonly ReadinessCheck[];
  readonly isDraining: () => boolean;
}): RequestHandler {
  return async (_request, response) => {
    const parts = await Promise.all(options.checks.map(examine));
    const isReady = !options.isDraining() && parts.every((part) => part.ok || !part.required);
    const states = parts.map((part) => [part.name, stateOf(part)]);
    response.status(isReady ? 200 : 503).json({
      status: options.isDraining() ? 'draining' : isReady ? 'ready' : 'not_ready',
      parts: Object.fromEntries(states),
    });
  };
}

interface Examined extends ReadinessCheck {
  readonly ok: boolean;
}

function stateOf({ ok, required }: Examined): string {
  if (ok) return 'ok';
  return required ? 'down' : 'degraded';
}

async function examine(part: ReadinessCheck): Promise<Examined> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs);
  });
  const answer = part.check().then(
    () => true,
    () => false,
  );
  const ok = await Promise.race([answer, silence]);
  clearTimeout(timer);
  return { ...part, ok };
}
