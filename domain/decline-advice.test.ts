import { adviceOf } from './decline-advice';

describe('advice about a failure', () => {
  it('tells how to go on after an off-session authentication request', () => {
    const advice = adviceOf({
      code: 'authentication_required',
      declineCode: 'authentication_required',
    });
    expect(advice).toMatch(/customer present/);
  });

  it('prefers the decline code, which says more', () => {
    expect(adviceOf({ code: 'card_declined', declineCode: 'lost_card' })).toMatch(/Do not try/);
  });

  it('knows a decline without a reason, and says nothing of what it does not know', () => {
    expect(adviceOf({ code: 'card_declined', declineCode: 'brand_new' })).toMatch(/another card/);
    expect(adviceOf({ code: 'canceled_on_request', declineCode: null })).toBeNull();
  });
});
