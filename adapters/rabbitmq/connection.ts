import { connect } from 'amqplib';
import type { ChannelModel } from 'amqplib';
import type { Log } from '../../application/ports/log';
import type { ServerAddress } from '../../application/ports/server-address';

/** What lives on one connection: built anew after each reconnect, told once when it is over. */
export interface SessionUser {
  /** Makes the channels. A rejection ends the session, and another is tried. */
  open(model: ChannelModel, fail: (error: Error) => void): Promise<void>;
  /** Called exactly once for each session whose `open` was called. */
  lost(reason: string): void;
  blocked?(reason: string): void;
  unblocked?(): void;
}

export interface BrokerConnection {
  /** True while a session is open: the connection stands and `open` has resolved. */
  isUp(): boolean;
  /** Closes the connection and stops reconnecting; waits 2 s for the broker's word at most. */
  close(): Promise<void>;
}

export interface BrokerConnectionOptions extends ServerAddress {
  /** Shown by the broker's management page. */
  readonly name: string;
  readonly log: Log;
  readonly user: SessionUser;
}

const connectTimeoutMs = 5_000;
const openTimeoutMs = 10_000;
const closeTimeoutMs = 2_000;
/**
 * A frozen broker is noticed after two of them without a sign of life, looked for at the end of
 * each: within 10 to 15 s. Much less would take a busy broker for a dead one; it wishes for 60 s.
 */
const heartbeatSeconds = 5;
const reconnectFirstMs = 100;
const reconnectMaxMs = 5_000;

/**
 * Keeps one AMQP connection up, for as long as the process lives: an outage of the broker is
 * answered by reconnecting with backoff and jitter, never by an exception. Each channel error ends
 * the whole session, because a half-open session is the state that nobody tests.
 */
export function keepConnected(options: BrokerConnectionOptions): BrokerConnection {
  const closing = new AbortController();
  const state: State = { up: false, end: () => undefined };
  const finished = reconnectLoop(options, state, closing.signal);
  return {
    isUp: () => state.up,
    async close() {
      closing.abort();
      state.end(new Error('closed by this process'));
      await finished;
    },
  };
}

interface State {
  up: boolean;
  end: (reason: Error) => void;
}

async function reconnectLoop(
  options: BrokerConnectionOptions,
  state: State,
  closing: AbortSignal,
): Promise<void> {
  let failures = 0;
  while (!closing.aborted) {
    const opened = await oneSession(options, state, closing).catch((error: unknown) => {
      options.log.warn({ connection: options.name, reason: textOf(error) }, 'no broker connection');
      return false;
    });
    failures = opened ? 0 : failures + 1;
    if (!closing.aborted) await pause(backoffMs(failures), closing);
  }
}

/** Resolves when the session is over; true if it had been opened. */
async function oneSession(
  options: BrokerConnectionOptions,
  state: State,
  closing: AbortSignal,
): Promise<boolean> {
  const model = await connect(withHeartbeat(options.url), {
    ...options.tls,
    timeout: connectTimeoutMs,
    noDelay: true,
    keepAlive: true,
    clientProperties: { connection_name: options.name },
  });
  const over = sessionEnd(model, state);
  if (closing.aborted) state.end(new Error('closed by this process'));
  listenForBlocking(model, options);
  let opened = false;
  try {
    await withinTime(Promise.race([options.user.open(model, over.end), over.failed]));
    opened = true;
    state.up = true;
    options.log.info({ connection: options.name }, 'broker connection is up');
    await over.ended;
    return true;
  } finally {
    state.up = false;
    options.user.lost(over.reason());
    if (opened && !closing.aborted) {
      options.log.warn({ connection: options.name, reason: over.reason() }, 'broker session ended');
    }
    await closeQuietly(model);
  }
}

function sessionEnd(model: ChannelModel, state: State) {
  let reason: Error | undefined;
  let finish: () => void = () => undefined;
  // Bound to this session: a frozen connection that dies late must not end its successor.
  const end = (error: Error) => {
    reason ??= error;
    finish();
  };
  const ended = new Promise<void>((resolve) => {
    finish = resolve;
  });
  state.end = end;
  // Without an 'error' listener the next broker failure would end the process.
  model.on('error', end);
  model.on('close', (error) => end(error ?? new Error('connection closed')));
  const failed = ended.then(() => {
    throw reason ?? new Error('connection closed');
  });
  failed.catch(() => undefined);
  return { end, ended, failed, reason: () => reason?.message ?? 'session could not be opened' };
}

function listenForBlocking(model: ChannelModel, options: BrokerConnectionOptions): void {
  model.on('blocked', (reason) => {
    options.log.warn({ connection: options.name, reason }, 'broker blocks publishers');
    options.user.blocked?.(reason);
  });
  model.on('unblocked', () => {
    options.log.info({ connection: options.name }, 'broker takes messages again');
    options.user.unblocked?.();
  });
}

/** A frozen broker never answers; its socket then dies by heartbeat, unattended. */
async function closeQuietly(model: ChannelModel): Promise<void> {
  const waited = new AbortController();
  const done = model.close().catch(() => undefined);
  await Promise.race([done, pause(closeTimeoutMs, waited.signal)]);
  waited.abort();
}

async function withinTime(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('channels not open in time')), openTimeoutMs);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function withHeartbeat(url: string): string {
  const address = new URL(url);
  if (!address.searchParams.has('heartbeat')) {
    address.searchParams.set('heartbeat', String(heartbeatSeconds));
  }
  return address.toString();
}

/** Half fixed, half random: workers that lost the same broker must not come back as one. */
function backoffMs(failures: number): number {
  const ceiling = Math.min(reconnectMaxMs, reconnectFirstMs * 2 ** Math.min(failures, 10));
  return ceiling / 2 + (Math.random() * ceiling) / 2;
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    }
  });
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}
