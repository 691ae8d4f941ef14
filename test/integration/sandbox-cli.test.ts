import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { controlOf, sdkFor } from '../../sandbox/sandbox-client.fixture';
import { startSandbox, type RunningSandbox } from '../../sandbox/server';

let sandbox: RunningSandbox;
let home: string;
beforeEach(async () => {
  sandbox = await startSandbox();
  home = mkdtempSync(path.join(tmpdir(), 'stripe-cli-'));
});
afterEach(async () => {
  await sandbox.close();
  rmSync(home, { recursive: true, force: true });
});

/** The official Stripe CLI from npm, with a home of its own and no way to the real network. */
async function trigger(event: string): Promise<{ code: number | null; said: string }> {
  const shim = path.join(
    path.dirname(require.resolve('@stripe/cli/package.json')),
    'bin',
    'shim.js',
  );
  const args = ['trigger', event, '--api-base', sandbox.url, '--api-key', 'sk_test_cli0000000000'];
  const child = spawn(process.execPath, [shim, ...args], {
    env: {
      PATH: process.env['PATH'],
      HOME: home,
      XDG_CONFIG_HOME: home,
      // Port 9 discards: the CLI's own look for a newer version ends there.
      HTTPS_PROXY: 'http://127.0.0.1:9',
      STRIPE_CLI_TELEMETRY_OPTOUT: '1',
    },
    timeout: 50_000,
  });
  let said = '';
  child.stdout.on('data', (part: Buffer) => (said += part.toString()));
  child.stderr.on('data', (part: Buffer) => (said += part.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, said };
}

describe('the official Stripe CLI against the sandbox', () => {
  it.each([
    ['payment_intent.created', ['requires_payment_method']],
    ['payment_intent.succeeded', ['succeeded']],
    ['payment_intent.payment_failed', ['requires_payment_method']],
    ['payment_intent.requires_action', ['requires_action']],
    ['payment_intent.amount_capturable_updated', ['requires_capture']],
    ['payment_intent.canceled', ['canceled']],
    ['charge.succeeded', ['succeeded']],
    ['charge.failed', ['requires_payment_method']],
    ['charge.captured', ['succeeded']],
    ['charge.refunded', ['succeeded']],
    ['charge.dispute.created', ['succeeded']],
    ['charge.dispute.closed', ['succeeded']],
    ['charge.dispute.updated', ['succeeded']],
    ['customer.created', []],
    ['customer.updated', []],
    ['payment_method.attached', []],
    ['payment_method.detached', []],
  ])('triggers %s', async (event, statuses) => {
    const { code, said } = await trigger(event);
    expect(said).toContain('Trigger succeeded');
    expect(code).toBe(0);
    const ledger = await controlOf(sandbox.url).ledger();
    expect(ledger.map((line) => line.status)).toEqual(statuses);
    const happened = await sdkFor(sandbox.url).events.list({ type: event });
    expect(happened.data).toHaveLength(1);
  });

  it('is told of a refusal as Stripe would tell it', async () => {
    await controlOf(sandbox.url).arm({ action: { kind: 'status', status: 400, code: 'nope' } });
    const { code, said } = await trigger('payment_intent.succeeded');
    expect(code).not.toBe(0);
    expect(said).toContain('"code": "nope"');
  });
});
