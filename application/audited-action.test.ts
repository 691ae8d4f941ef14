import { audited } from './audited-action';
import type { AuditedAction } from './audited-action';
import { DependencyUnavailable } from './ports/availability';
import type { NewAuditEntry } from './ports/audit-trail';

const action: AuditedAction = {
  merchantId: 'mer_1',
  actor: 'key_1',
  action: 'redrive_outbox',
  paymentId: null,
  details: { type: 'payment.succeeded.v1' },
};

function trail(options: { readonly refuses?: NewAuditEntry['outcome'] } = {}) {
  const entries: NewAuditEntry[] = [];
  const logged: string[] = [];
  let next = 0;
  const log = { error: (_fields: object, text: string) => void logged.push(text) };
  return {
    entries,
    logged,
    deps: {
      audit: {
        write: async (entry: NewAuditEntry) => {
          if (entry.outcome === options.refuses) throw new DependencyUnavailable('the database');
          entries.push(entry);
        },
        list: () => Promise.reject(new Error('not asked')),
      },
      ids: { uuid: () => `id-${(next += 1)}` },
      log: { ...log, info: () => undefined, warn: () => undefined, debug: () => undefined },
    },
  };
}

describe('an action of an operator', () => {
  it('is in the trail before it is done, and with what came of it after', async () => {
    const { deps, entries } = trail();
    const result = await audited(deps, action, async () => {
      expect(entries).toMatchObject([{ outcome: 'started', actor: 'key_1' }]);
      return { outcome: 'done', details: { revived: 3 }, result: 3 };
    });
    expect(result).toBe(3);
    expect(entries).toEqual([
      { ...action, id: 'id-1', outcome: 'started' },
      { ...action, id: 'id-2', outcome: 'done', details: { ...action.details, revived: 3 } },
    ]);
  });

  it('is not done when it cannot be written down', async () => {
    const { deps } = trail({ refuses: 'started' });
    const act = jest.fn();
    await expect(audited(deps, action, act)).rejects.toThrow(DependencyUnavailable);
    expect(act).not.toHaveBeenCalled();
  });

  it('that fails is in the trail as failed', async () => {
    const { deps, entries } = trail();
    await expect(audited(deps, action, () => Promise.reject(new Error('away')))).rejects.toThrow(
      'away',
    );
    expect(entries.map(({ outcome }) => outcome)).toEqual(['started', 'failed']);
  });

  it('that is done succeeds, and its outcome is logged, when the trail is away by then', async () => {
    const { deps, logged } = trail({ refuses: 'done' });
    const done = audited(deps, action, async () => ({ outcome: 'done', result: 1 }));
    expect(await done).toBe(1);
    expect(logged).toEqual(['the outcome of an action is not in the trail']);
  });
});
