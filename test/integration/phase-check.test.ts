import amqp from 'amqplib';
import { assertTopology } from '../../adapters/rabbitmq/topology';
import { queues } from '../../contracts/topology';
import { runCommand } from '../support/command';
import { createTestDatabase } from '../support/database';
import type { TestDatabase } from '../support/database';
import { createTestVhost } from '../support/vhost';
import type { TestVhost } from '../support/vhost';

let database: TestDatabase;
let vhost: TestVhost;

beforeAll(async () => {
  [database, vhost] = await Promise.all([createTestDatabase(), createTestVhost()]);
});
afterAll(async () => {
  await Promise.all([database?.drop(), vhost?.drop()]);
});

const check = (env: Readonly<Record<string, string>>, args: readonly string[] = ['--check']) =>
  runCommand('operate/phase.js', { env, args });
const servers = () => ({ DATABASE_URL: database.url, RABBITMQ_URL: vhost.url });
const away = {
  DATABASE_URL: 'postgresql://u:p@127.0.0.1:1/none',
  RABBITMQ_URL: 'amqp://127.0.0.1:1',
};
const phase5 = 'phase 5: the API answers 202 and workers do the rest';

test('a check that was given nothing to look at says so and does not pass', async () => {
  expect(await check({})).toMatchObject({
    code: 2,
    lines: [
      phase5,
      'phase 2: not looked at, RABBITMQ_URL is not set',
      'in flight: not looked at, DATABASE_URL is not set',
      'not checked: what runs could not be looked at',
    ],
  });
  expect(await check({}, [])).toMatchObject({ code: 0 });
});

test.each(['RABBITMQ_URL', 'DATABASE_URL'] as const)(
  'a check whose %s does not answer does not pass',
  async (name) => {
    const { code, output } = await check({
      ...servers(),
      ENABLE_ASYNC_COMMANDS: 'false',
      [name]: away[name],
    });
    expect({ code, output }).toEqual({
      code: 2,
      output: expect.stringMatching(/not looked at, the \w+ does not answer .*\nnot checked:/s),
    });
  },
);

test('commands that nobody takes, and flags that contradict, are no phase', async () => {
  expect(await check(servers())).toMatchObject({
    code: 1,
    output: expect.stringMatching(/^contradiction: payment\.commands\.process does not exist/m),
  });
  expect(await check({ ...servers(), ENABLE_RETRY_LOGIC: 'false' })).toMatchObject({
    code: 1,
    output: expect.stringMatching(/^no phase\ncontradiction: .*\nremedy: /s),
  });
});

test('a phase whose commands are taken passes', async () => {
  const connection = await amqp.connect(vhost.url);
  const channel = await connection.createChannel();
  await assertTopology(channel);
  await channel.consume(queues.processCommands, () => undefined);
  expect(await check(servers())).toMatchObject({
    code: 0,
    lines: [
      phase5,
      'phase 2: in place, payment.commands.process has 1 consumer(s)',
      'in flight: nothing',
    ],
  });
  await connection.close();
});
