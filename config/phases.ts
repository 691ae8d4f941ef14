import type { FeatureFlags } from '../contracts/flags';

type Flag = keyof FeatureFlags;

/** The order in which a synchronous service turns the flags on; each phase keeps those before it. */
const order = ['outboxPattern', 'retryLogic', 'compensation', 'asyncCommands'] as const;

export const flagNames: Readonly<Record<Flag, string>> = {
  asyncCommands: 'ENABLE_ASYNC_COMMANDS',
  outboxPattern: 'ENABLE_OUTBOX_PATTERN',
  retryLogic: 'ENABLE_RETRY_LOGIC',
  compensation: 'ENABLE_COMPENSATION',
};

/**
 * `1` is phases 0 and 1 together. Phase 2 has the flags of phase 1: it is told apart by what runs,
 * which flags do not show.
 */
export type Phase = 'before' | '1' | '3' | '4' | '5';

export const phaseTitles: Readonly<Record<Phase, string>> = {
  before: 'before phase 0: synchronous, nothing of the migration is on',
  '1': 'phase 1: events are saved with the payment; the API answers with the outcome',
  '3': 'phase 3: workers repeat what fails for a moment',
  '4': 'phase 4: failures are undone',
  '5': 'phase 5: the API answers 202 and workers do the rest',
};

const phasesByLength: readonly Phase[] = ['before', '1', '3', '4', '5'];

/** Why the first must not be on while the second is off. */
const needs: ReadonlyArray<readonly [Flag, Flag, string]> = [
  [
    'asyncCommands',
    'outboxPattern',
    'a command is published after the commit, and a crash in between loses it; the payment waits ' +
      'for the sweeper',
  ],
  [
    'asyncCommands',
    'retryLogic',
    'the client has its 202 and is gone, and one broken connection ends the payment or dead-letters ' +
      'its command',
  ],
  [
    'asyncCommands',
    'compensation',
    'the client has its 202 and is gone, and whatever fails with money held waits for an operator',
  ],
  [
    'compensation',
    'outboxPattern',
    'a payment that is given back is announced after the commit, and a crash in between keeps ' +
      'the shop from hearing of it',
  ],
  [
    'compensation',
    'retryLogic',
    'one broken connection is taken for a failure, and a charge that succeeded is given back',
  ],
  [
    'retryLogic',
    'outboxPattern',
    'a message that was not confirmed is repeated only while its process lives',
  ],
];

export interface PhaseReading {
  /** The phase whose flags these are, or null where they contradict each other. */
  readonly phase: Phase | null;
  /** One sentence for each pair of flags that do not go together. */
  readonly contradictions: readonly string[];
  /** What to set, to be in the nearest phase; null where there is nothing to do. */
  readonly remedy: string | null;
}

/** Which migration phase the flags are, and what in them contradicts. */
export function readPhase(flags: FeatureFlags): PhaseReading {
  const contradictions = needs.flatMap(([on, off, why]) =>
    flags[on] && !flags[off]
      ? [`${flagNames[on]} is on while ${flagNames[off]} is off: ${why}`]
      : [],
  );
  if (contradictions.length > 0) return { phase: null, contradictions, remedy: remedyFor(flags) };
  const length = order.filter((flag) => flags[flag]).length;
  return { phase: phasesByLength[length] ?? null, contradictions, remedy: null };
}

function remedyFor(flags: FeatureFlags): string {
  const firstOff = order.findIndex((flag) => !flags[flag]);
  const lastOn = order.findLastIndex((flag) => flags[flag]);
  const surplus = order.filter((flag, index) => index > firstOff && flags[flag]);
  const missing = order.filter((flag, index) => index < lastOn && !flags[flag]);
  return (
    `set ${assignments(surplus, false)} for ${nameOf(firstOff)}, ` +
    `or ${assignments(missing, true)} for ${nameOf(lastOn + 1)}`
  );
}

function assignments(flags: readonly Flag[], value: boolean): string {
  return flags.map((flag) => `${flagNames[flag]}=${value}`).join(' ');
}

function nameOf(length: number): string {
  const phase = phasesByLength[length];
  return phase === undefined || phase === 'before' ? 'the state before phase 0' : `phase ${phase}`;
}
