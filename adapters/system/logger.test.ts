import { createLogger } from './logger';

function linesOf(pretty: boolean) {
  const lines: string[] = [];
  const log = createLogger({
    service: 'test',
    level: 'info',
    pretty,
    write: (line) => lines.push(line),
  });
  return { log, lines };
}

test('a line is one JSON object with its level, its service and an ISO time', () => {
  const { log, lines } = linesOf(false);
  log.info({ paymentId: 'pay_1' }, 'saga step done');
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 'info',
    service: 'test',
    paymentId: 'pay_1',
    message: 'saga step done',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
  });
});

test('at a terminal the line is text, with the same fields', () => {
  const { log, lines } = linesOf(true);
  log.info({ paymentId: 'pay_1' }, 'saga step done');
  expect(lines[0]).toMatch(/INFO.*saga step done.*"paymentId":"pay_1"/);
  expect(() => JSON.parse(lines[0] ?? '')).toThrow(SyntaxError);
});

const secrets = [
  'sk_live_51abcDEF',
  'whsec_a1b2c3',
  'psk_0aZ-_bcdefghijklmnop',
  '4242424242424242',
];

describe.each([
  ['JSON', false],
  ['pretty', true],
])('%s lines', (_, pretty) => {
  it('carry no secret and no card number, wherever in the line they stand', () => {
    const { log, lines } = linesOf(pretty);
    for (const secret of secrets) {
      const cause = new Error(`refused ${secret}`);
      log.info({ [secret]: 'as a name' }, 'x');
      log.warn({ deep: { inside: [{ value: secret }] } }, 'x');
      log.error({ error: new Error('outer', { cause }) }, `message with ${secret}`);
      log.info({ address: `postgresql://user:${secret}@db:5432/x` }, 'x');
    }
    const text = lines.join('');
    expect(lines).toHaveLength(secrets.length * 4);
    for (const secret of secrets) expect(text).not.toContain(secret);
  });
});
