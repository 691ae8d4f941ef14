import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  isDecided,
  isLegalTransition,
  isSettled,
  paymentStatuses,
  statusesBefore,
  transitionTable,
} from './payment-states';

describe('the payment transition table', () => {
  it('reaches every status from the birth of a payment', () => {
    const reached = new Set<string>();
    const visit = (from: string | null) => {
      for (const edge of transitionTable.filter((candidate) => candidate.from === from)) {
        if (reached.has(edge.to)) continue;
        reached.add(edge.to);
        visit(edge.to);
      }
    };
    visit(null);
    expect([...reached].toSorted()).toEqual([...paymentStatuses].toSorted());
  });

  it('names exactly one event for each status, and never the same for two', () => {
    const events = new Map(transitionTable.map((edge) => [edge.to, edge.event]));
    expect(new Set(events.values()).size).toBe(paymentStatuses.length);
  });

  it('never leads back to a status the payment has left for good', () => {
    expect(isLegalTransition('processing', 'pending')).toBe(false);
    expect(isLegalTransition('succeeded', 'failed')).toBe(false);
    expect(isLegalTransition('failed', 'succeeded')).toBe(false);
    expect(statusesBefore('pending')).toEqual([]);
  });

  it('lets a payment be parked from every status in which its saga works', () => {
    const working = paymentStatuses.filter((status) => !isSettled(status));
    expect(working.filter((status) => !isLegalTransition(status, 'needs_review'))).toEqual([]);
  });

  it('leaves succeeded by no edge, failed and canceled by the review edge alone', () => {
    const targets = (from: string) =>
      transitionTable.filter((edge) => edge.from === from).map((edge) => edge.to);
    expect(targets('succeeded')).toEqual([]);
    expect(targets('failed')).toEqual(['needs_review']);
    expect(targets('canceled')).toEqual(['needs_review']);
  });

  it('calls each settled status decided, and an unstarted payment neither', () => {
    expect(paymentStatuses.filter(isSettled).every(isDecided)).toBe(true);
    expect(isDecided('pending')).toBe(false);
    expect(isDecided('processing')).toBe(false);
  });

  it('is the diagram of docs/payment-states.md, edge by edge', () => {
    const page = readFileSync(path.join(process.cwd(), 'docs/payment-states.md'), 'utf8');
    const drawn = [...page.matchAll(/^ {4}(\S+) --> (\w+) : (\S+)$/gm)].map(([, from, to, event]) =>
      [from === '[*]' ? null : from, to, event].join(' '),
    );
    const legal = transitionTable.map((edge) => [edge.from, edge.to, edge.event].join(' '));
    expect(drawn.toSorted()).toEqual(legal.toSorted());
  });
});
