import { FakeBroker, FakeOutbox, startDrain } from './fakes.fixture';

let outbox: FakeOutbox;
let broker: FakeBroker;
let running: ReturnType<typeof startDrain> | undefined;

beforeEach(() => {
  outbox = new FakeOutbox();
  broker = new FakeBroker();
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
});

const start = (settings: Parameters<typeof startDrain>[1] = {}) => {
  running = startDrain({ outbox, broker }, settings);
  return running;
};

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 3_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('the condition did not come true');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const allPublished = () => outbox.rows.every((row) => row.publishedAt);

function gate() {
  let open: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { closed, open: () => open() };
}

test('a payment has one unconfirmed message at most, and its rows go out in order', async () => {
  for (let n = 0; n < 6; n += 1) outbox.add('pay_1', `a${n}`);
  start();
  await until(allPublished);
  expect(broker.mostOpen).toBe(1);
  expect(broker.sentIds()).toEqual(['a0', 'a1', 'a2', 'a3', 'a4', 'a5']);
});

test('no more messages are on their way than the window allows, and the window is used', async () => {
  for (let n = 0; n < 50; n += 1) outbox.add(`pay_${n}`, `id${n}`);
  start({ window: 7 });
  await until(allPublished);
  expect(broker.mostOpen).toBe(7);
  expect(running?.counts.published).toBe(50);
});

test('more rows than one batch are all published', async () => {
  for (let n = 0; n < 95; n += 1) outbox.add(`pay_${n % 9}`, `id${n}`);
  start({ batch: 10, window: 4 });
  await until(allPublished);
  expect(broker.sent).toHaveLength(95);
});

test('a refused row is tried again after a backoff, and its successors wait for it', async () => {
  outbox.add('pay_1', 'first');
  outbox.add('pay_1', 'second');
  outbox.add('pay_2', 'other');
  let refusals = 2;
  broker.answer = (message) =>
    message.id === 'first' && refusals-- > 0
      ? { kind: 'rejected', reason: 'nack' }
      : { kind: 'confirmed' };
  start();
  await until(allPublished);
  const ofPayment = broker.sentIds().filter((id) => id !== 'other');
  expect(ofPayment).toEqual(['first', 'first', 'first', 'second']);
  expect(outbox.row('first').attempts).toBe(2);
});

test('the fifth refusal makes a row dead, with a copy, the reason, and its successors held', async () => {
  outbox.add('pay_1', 'bad');
  outbox.add('pay_1', 'successor');
  broker.answer = (message) =>
    message.exchange === 'payment.dead'
      ? { kind: 'confirmed' }
      : { kind: 'rejected', reason: 'NO_ROUTE' };
  const drain = start();
  await until(() => outbox.row('bad').dead);
  await until(() => drain.counts.dead === 1);
  expect(outbox.row('bad')).toMatchObject({ attempts: 5, lastError: 'NO_ROUTE' });
  const copies = broker.sent.filter((message) => message.exchange === 'payment.dead');
  expect(copies).toHaveLength(1);
  expect(copies[0]?.headers).toMatchObject({
    'x-paysaga-last-error': 'NO_ROUTE',
    'x-paysaga-attempts': '5',
    'x-paysaga-exchange': 'payment.events',
  });
  expect(broker.sentIds().filter((id) => id === 'bad')).toHaveLength(6);
  expect(broker.sentIds()).not.toContain('successor');
});

test('successors of a dead row of a type to skip go on', async () => {
  outbox.add('pay_1', 'bad');
  outbox.add('pay_1', 'successor');
  broker.answer = (message) =>
    message.id === 'bad' ? { kind: 'rejected', reason: 'nack' } : { kind: 'confirmed' };
  start({ skipDeadTypes: ['payment.created.v1'] });
  await until(() => outbox.row('successor').publishedAt);
  expect(outbox.row('bad').dead).toBe(true);
});

test('a row that asks for one attempt is dead after one, and the request is not sent along', async () => {
  outbox.add('pay_1', 'once', { 'paysaga-max-attempts': '1', traceparent: '00-a-b-01' });
  broker.answer = (message) =>
    message.exchange === 'payment.dead'
      ? { kind: 'confirmed' }
      : { kind: 'rejected', reason: 'nack' };
  start();
  await until(() => outbox.row('once').dead);
  expect(outbox.row('once').attempts).toBe(1);
  expect(broker.sent[0]?.headers).toEqual({ traceparent: '00-a-b-01' });
});

test('losing the broker consumes no attempt, and order holds when it is back', async () => {
  for (let n = 0; n < 5; n += 1) outbox.add('pay_1', `a${n}`);
  for (let n = 0; n < 20; n += 1) outbox.add(`pay_x${n}`, `x${n}`);
  broker.answer = (message) => {
    if (message.id !== 'a2' || !broker.up) return { kind: 'confirmed' };
    broker.up = false;
    setTimeout(() => (broker.up = true), 20);
    broker.answer = () => ({ kind: 'confirmed' });
    return { kind: 'unavailable', reason: 'connection lost' };
  };
  start();
  await until(allPublished);
  expect(outbox.rows.every((row) => row.attempts === 0)).toBe(true);
  const ofPayment = broker.sentIds().filter((id) => id.startsWith('a'));
  expect(ofPayment).toEqual(['a0', 'a1', 'a2', 'a2', 'a3', 'a4']);
});

test('a successor read while its predecessor was lost on the way is not sent first', async () => {
  const answer = gate();
  const slowRead = gate();
  outbox.add('pay_1', 'first');
  let lost = false;
  broker.answer = async (message) => {
    if (message.id !== 'first' || lost) return { kind: 'confirmed' };
    await answer.closed;
    lost = true;
    return { kind: 'unavailable', reason: 'connection lost' };
  };
  const drain = start();
  await until(() => broker.open === 1);
  outbox.add('pay_1', 'second');
  outbox.holdRead = slowRead.closed;
  const reads = outbox.reads;
  drain.wake();
  await until(() => outbox.reads > reads);
  answer.open();
  await until(() => lost && broker.open === 0);
  outbox.holdRead = undefined;
  slowRead.open();
  await until(allPublished);
  expect(broker.sentIds()).toEqual(['first', 'first', 'second']);
});

test('a row whose mark commits during a read is not published again by that read', async () => {
  const slowRead = gate();
  const slowMark = gate();
  outbox.add('pay_1', 'first');
  outbox.holdMark = slowMark.closed;
  const drain = start();
  await until(() => broker.sent.length === 1 && broker.open === 0);
  outbox.holdRead = slowRead.closed;
  const reads = outbox.reads;
  drain.wake();
  await until(() => outbox.reads > reads);
  slowMark.open();
  await until(() => outbox.row('first').publishedAt);
  outbox.holdRead = undefined;
  slowRead.open();
  outbox.add('pay_2', 'later');
  drain.wake();
  await until(allPublished);
  expect(broker.sentIds()).toEqual(['first', 'later']);
});

test('nothing is sent after the lease has run out, and no mark of an old epoch is made', async () => {
  const answer = gate();
  for (let n = 0; n < 3; n += 1) outbox.add('pay_1', `a${n}`);
  broker.answer = async () => {
    await answer.closed;
    return { kind: 'confirmed' };
  };
  const drain = start();
  await until(() => broker.open === 1);
  outbox.currentEpoch = '2';
  answer.open();
  await drain.finished;
  expect(outbox.rows.some((row) => row.publishedAt)).toBe(false);
  const sentByThen = broker.sent.length;
  outbox.add('pay_9', 'after');
  drain.wake();
  await new Promise((resolve) => setImmediate(resolve));
  expect(broker.sent).toHaveLength(sentByThen);
});

test('an expired deadline stops sending even before anybody says that the lease is lost', async () => {
  outbox.add('pay_1', 'first');
  const drain = startDrain({ outbox, broker });
  running = drain;
  drain.lease.held = false;
  await until(() => outbox.reads > 0);
  await new Promise((resolve) => setImmediate(resolve));
  expect(broker.sent).toHaveLength(0);
});

test('a stop waits for the confirms on their way and marks them', async () => {
  const answer = gate();
  outbox.add('pay_1', 'first');
  outbox.add('pay_1', 'second');
  broker.answer = async () => {
    await answer.closed;
    return { kind: 'confirmed' };
  };
  const drain = start();
  await until(() => broker.open === 1);
  const stopped = drain.stop();
  answer.open();
  await stopped;
  expect(outbox.row('first').publishedAt).toBe(true);
  expect(broker.sentIds()).toEqual(['first']);
});
