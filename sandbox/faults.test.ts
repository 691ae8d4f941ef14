import { readFault } from './fault-scripts';
import { Faults, type FaultSubject } from './faults';

const subject: FaultSubject = {
  route: 'payment_intents.confirm',
  method: 'POST',
  idempotencyKey: 'pay_1:confirm:1',
  intentId: 'pi_1',
  amount: 4200,
  metadata: { paysaga_payment_id: 'pay_1' },
};

function strikes(fault: object, subjects: FaultSubject[]): boolean[] {
  const faults = new Faults();
  faults.arm(readFault(fault));
  return subjects.map((each) => faults.take(each) !== null);
}

describe('scripted faults', () => {
  const action = { kind: 'reset_before' };

  it.each([
    [{ route: 'payment_intents.confirm' }, true],
    [{ route: 'payment_intents.create' }, false],
    [{ route: '*' }, true],
    [{ method: 'GET' }, false],
    [{ idempotencyKey: '^pay_1:confirm' }, true],
    [{ idempotencyKey: '^pay_2' }, false],
    [{ intentId: '^pi_1$' }, true],
    [{ amount: 4200 }, true],
    [{ amount: 4201 }, false],
    [{ metadata: { paysaga_payment_id: '^pay_1$' } }, true],
    [{ metadata: { order: '.' } }, false],
  ])('%j picks the request: %s', (match, picked) => {
    expect(strikes({ match, action }, [subject])).toEqual([picked]);
  });

  it('strikes the nth call only', () => {
    expect(strikes({ skip: 1, action }, [subject, subject, subject])).toEqual([false, true, false]);
  });

  it('times null strikes for ever', () => {
    expect(strikes({ times: null, action }, [subject, subject])).toEqual([true, true]);
  });

  it.each([
    [{}, 'kind must be a text'],
    [{ action: { kind: 'explode' } }, 'no such fault: explode'],
    [{ action: { kind: 'delay' } }, 'delayMs must be a number'],
    [{ action: { kind: 'status' } }, 'status must be a number'],
    [{ match: { idempotencyKey: '(' }, action }, 'must be a regular expression'],
  ])('a script without sense is refused: %j', (fault, message) => {
    expect(() => readFault(fault)).toThrow(message);
  });
});
