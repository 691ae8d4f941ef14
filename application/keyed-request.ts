import { RequestRefused } from './errors';
import { bodySha256, decideRepeated, keyInProgress } from './idempotency';
import type { OutcomeWaiter } from './outcome-waiter';
import { DependencyUnavailable } from './ports/availability';
import type { IdempotencyCache } from './ports/idempotency-cache';
import type { Answer, IdempotencyScope, IdempotencyStore } from './ports/idempotency-store';

export interface KeyedRequestDeps {
  readonly keys: IdempotencyStore;
  readonly cache: IdempotencyCache;
  readonly waiter: OutcomeWaiter;
  /** The longest that a caller may wait for an outcome. */
  readonly waitCapMs: number;
  /** How long a key stays locked for a caller who waits. */
  readonly lockMs: number;
}

/** A request that may be sent again under the same key. */
export interface KeyedCommand<Request extends object> {
  readonly scope: IdempotencyScope;
  readonly request: Request;
  /** Seconds of `Prefer: wait`; null when the caller did not ask. */
  readonly waitSeconds: number | null;
  readonly traceparent: string | null;
}

export interface KeyedResult {
  readonly answer: Answer;
  /** Whether the answer is that of an earlier request with the same key. */
  readonly replayed: boolean;
}

/** One request on its way: what was asked, and how long its caller may wait. */
export interface KeyedCall<Request extends object> extends KeyedCommand<Request> {
  readonly sha256: string;
  readonly waitMs: number;
  /** What `Preference-Applied` says; null when no preference was stated. */
  readonly grantedSeconds: number | null;
  readonly startedAt: number;
}

/** What a request came to before anybody worked on it. */
export interface Written {
  /** What the request made: a payment, a capture or cancel, a refund. */
  readonly subjectId: string;
  /** Stored with the key, and sent to a caller who does not wait. */
  readonly answer: Answer;
}

/** What differs from one kind of request to another. */
export interface KeyedOperation<Request extends object, Subject extends Written> {
  /** How long a caller waits who does not say. */
  readonly defaultWaitMs: number;
  /** Writes what is asked for and the key with its answer, all or nothing; null: the key is taken. */
  write(call: KeyedCall<Request>): Promise<Subject | null>;
  /** Sets it going. False when nothing works on it yet, so that waiting for it is vain. */
  start(subject: Subject): Promise<boolean>;
  /** Sets going again what a lost request wrote and may not have started. */
  restart(subjectId: string): Promise<boolean>;
  /** The answer by the present state. */
  present(subjectId: string, call: KeyedCall<Request>): Promise<Answer>;
}

/**
 * Takes a request once for each idempotency key. What stores the request stores the key and its
 * answer too, so a crash before the commit leaves nothing and a crash after it leaves an answer to
 * repeat.
 * @throws RequestRefused when the key was used for another body, or its first request still waits
 * @throws DependencyUnavailable when the database gives no answer; safe to repeat
 */
export async function takeOnce<Request extends object, Subject extends Written>(
  deps: KeyedRequestDeps,
  command: KeyedCommand<Request>,
  operation: KeyedOperation<Request, Subject>,
): Promise<KeyedResult> {
  const once = new Once(deps, operation, plan(deps, command, operation.defaultWaitMs));
  return once.take();
}

function plan<Request extends object>(
  deps: KeyedRequestDeps,
  command: KeyedCommand<Request>,
  defaultWaitMs: number,
): KeyedCall<Request> {
  const capSeconds = Math.floor(deps.waitCapMs / 1_000);
  const granted = command.waitSeconds === null ? null : Math.min(command.waitSeconds, capSeconds);
  return {
    ...command,
    sha256: bodySha256(command.request),
    grantedSeconds: granted,
    waitMs: granted === null ? defaultWaitMs : granted * 1_000,
    startedAt: performance.now(),
  };
}

const finalKey = { subjectId: null, lock: { kind: 'final' } } as const;

class Once<Request extends object, Subject extends Written> {
  constructor(
    private readonly deps: KeyedRequestDeps,
    private readonly operation: KeyedOperation<Request, Subject>,
    private readonly call: KeyedCall<Request>,
  ) {}

  async take(): Promise<KeyedResult> {
    const { deps, call, operation } = this;
    const cached = await deps.cache.get(call.scope);
    if (cached !== null) return this.repeated({ ...cached, ...finalKey });
    const written = await operation.write(call);
    if (written !== null) return this.written(written);
    const stored = await deps.keys.read(call.scope);
    // The key was there a moment ago: only housekeeping removes one, and then a repeat succeeds.
    if (stored === null) throw new DependencyUnavailable('the idempotency key');
    return this.repeated(stored);
  }

  private async written(subject: Subject): Promise<KeyedResult> {
    const started = await this.operation.start(subject);
    if (this.call.waitMs > 0) return this.conclude(subject.subjectId, started);
    this.remember(subject.answer);
    return { answer: subject.answer, replayed: false };
  }

  private async repeated(stored: Parameters<typeof decideRepeated>[0]): Promise<KeyedResult> {
    const { deps, call } = this;
    const decision = decideRepeated(stored, call.sha256);
    if (decision.kind === 'replay') {
      this.remember(decision.answer);
      return { answer: decision.answer, replayed: true };
    }
    if (!(await deps.keys.relock({ scope: call.scope, lockMs: deps.lockMs }))) {
      return this.replayOfFaster();
    }
    // The lost request may have died between its commit and the start.
    return this.conclude(decision.subjectId, await this.operation.restart(decision.subjectId));
  }

  /** Waits for the outcome, and makes the answer final before it is sent. */
  private async conclude(subjectId: string, started: boolean): Promise<KeyedResult> {
    const { deps, call } = this;
    const limitMs = call.waitMs - (performance.now() - call.startedAt);
    if (started) await deps.waiter.wait({ subjectId, limitMs });
    const answer = await this.presentOrRelease(subjectId);
    if (!(await deps.keys.conclude({ scope: call.scope, answer }))) {
      return this.replayFinal(answer);
    }
    this.remember(answer);
    return { answer, replayed: false };
  }

  /** A refusal is no answer to keep: whoever repeats the request is refused by the state again. */
  private async presentOrRelease(subjectId: string): Promise<Answer> {
    try {
      return await this.operation.present(subjectId, this.call);
    } catch (error) {
      if (error instanceof RequestRefused) await this.deps.keys.release(this.call.scope);
      throw error;
    }
  }

  /** Another request took the lapsed lock and was first: both send the one stored answer. */
  private async replayFinal(own: Answer): Promise<KeyedResult> {
    const stored = await this.deps.keys.read(this.call.scope);
    return { answer: stored?.answer ?? own, replayed: true };
  }

  /** Since the key was read another request has taken it over, or even made its answer final. */
  private async replayOfFaster(): Promise<KeyedResult> {
    const stored = await this.deps.keys.read(this.call.scope);
    if (stored?.lock.kind !== 'final') throw keyInProgress(this.deps.lockMs);
    this.remember(stored.answer);
    return { answer: stored.answer, replayed: true };
  }

  private remember(answer: Answer): void {
    void this.deps.cache.put(this.call.scope, { bodySha256: this.call.sha256, answer });
  }
}
