import { diagnose, Fault, NotApplicable } from './diagnosis';
import type { Check } from './diagnosis';

const fine: Check = { name: 'server', advice: 'start it', run: async () => 'answers' };
const broken: Check = { ...fine, run: () => Promise.reject(new Error('refused')) };
const dependent: Check = {
  name: 'tables',
  needs: 'server',
  advice: 'make them',
  run: async () => 'all there',
};

describe('a diagnosis', () => {
  it('says what is in order, in the order of the checks', async () => {
    expect(await diagnose([fine, dependent], { limitMs: 1_000 })).toEqual([
      { name: 'server', state: 'ok', text: 'answers', advice: null },
      { name: 'tables', state: 'ok', text: 'all there', advice: null },
    ]);
  });

  it('gives a failure the advice of its check, and does not look further behind it', async () => {
    expect(await diagnose([broken, dependent], { limitMs: 1_000 })).toEqual([
      { name: 'server', state: 'problem', text: 'refused', advice: 'start it' },
      { name: 'tables', state: 'skipped', text: 'not looked at without server', advice: null },
    ]);
  });

  it('prefers the advice of a fault that the check recognised', async () => {
    const run = () => Promise.reject(new Fault('wrong password', 'change it'));
    const [finding] = await diagnose([{ ...fine, run }], { limitMs: 1_000 });
    expect(finding).toMatchObject({ state: 'problem', advice: 'change it' });
  });

  it('ends a check that gets no answer', async () => {
    const run = () => new Promise<string>(() => undefined);
    const [finding] = await diagnose([{ ...fine, run }], { limitMs: 5 });
    expect(finding).toMatchObject({ state: 'problem', text: 'no answer within 5 ms' });
  });

  it('counts what does not apply as no problem', async () => {
    const run = () => Promise.reject(new NotApplicable('not set here'));
    const [finding] = await diagnose([{ ...fine, run }], { limitMs: 1_000 });
    expect(finding).toMatchObject({ state: 'skipped', text: 'not set here' });
  });

  it('finds the text of a failure that is made of several', async () => {
    const error = new AggregateError([new Error('connect ECONNREFUSED ::1')]);
    const [finding] = await diagnose([{ ...fine, run: () => Promise.reject(error) }], {
      limitMs: 1_000,
    });
    expect(finding?.text).toBe('connect ECONNREFUSED ::1');
  });
});
