import type { FeatureFlags } from '../contracts/flags';
import { flagNames, readPhase } from './phases';

/** A, O, R, C stand for async commands, outbox, retries, compensation being on. */
function flagsOf(letters: string): FeatureFlags {
  return {
    asyncCommands: letters.includes('A'),
    outboxPattern: letters.includes('O'),
    retryLogic: letters.includes('R'),
    compensation: letters.includes('C'),
  };
}

function lettersOf(sentence: string): string {
  const found = Object.entries(flagNames).flatMap(([flag, name]) =>
    sentence.includes(name) ? [{ at: sentence.indexOf(name), flag }] : [],
  );
  return found
    .toSorted((one, other) => one.at - other.at)
    .map(({ flag }) => flag.charAt(0).toUpperCase())
    .join('');
}

describe('the phase of', () => {
  it.each([
    ['', 'before', []],
    ['O', '1', []],
    ['OR', '3', []],
    ['ORC', '4', []],
    ['AORC', '5', []],
    ['R', null, ['RO']],
    ['C', null, ['CO', 'CR']],
    ['RC', null, ['CO', 'RO']],
    ['OC', null, ['CR']],
    ['A', null, ['AO', 'AR', 'AC']],
    ['AO', null, ['AR', 'AC']],
    ['AR', null, ['AO', 'AC', 'RO']],
    ['AC', null, ['AO', 'AR', 'CO', 'CR']],
    ['AOR', null, ['AC']],
    ['AOC', null, ['AR', 'CR']],
    ['ARC', null, ['AO', 'CO', 'RO']],
  ])('flags %p is %p', (letters, phase, contradictions) => {
    const reading = readPhase(flagsOf(letters));
    expect(reading.phase).toBe(phase);
    expect(reading.contradictions.map(lettersOf)).toEqual(contradictions);
    expect(reading.remedy === null).toBe(phase !== null);
  });
});

it('names the settings of the nearest phases below and above a contradiction', () => {
  expect(readPhase(flagsOf('AO')).remedy).toBe(
    'set ENABLE_ASYNC_COMMANDS=false for phase 1, ' +
      'or ENABLE_RETRY_LOGIC=true ENABLE_COMPENSATION=true for phase 5',
  );
  expect(readPhase(flagsOf('C')).remedy).toBe(
    'set ENABLE_COMPENSATION=false for the state before phase 0, ' +
      'or ENABLE_OUTBOX_PATTERN=true ENABLE_RETRY_LOGIC=true for phase 4',
  );
});
