import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { Worker } from '@temporalio/worker';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fromStack } from '../support/stack-environment';
import { silenceTemporal } from '../support/silent-log';

jest.setTimeout(60_000);
silenceTemporal();

// Histories of real runs as `temporal workflow show --output json` writes them, with the SDK's
// metadata, without which a replay does not notice a renamed activity, and without stack traces.
// A workflow that does not replay them breaks the payments that are on their way while it is
// deployed: such a change goes behind `patched()`, and these files stay.
const files = readdirSync(__dirname).filter((name) => name.endsWith('.json'));

test('there are histories to replay', () => {
  expect(files.length).toBeGreaterThan(0);
});

test('a renamed activity is noticed by a replay', async () => {
  const text = readFileSync(path.join(__dirname, 'process-payment.succeeded.json'), 'utf8');
  const json: unknown = JSON.parse(text.replaceAll('authorizePayment', 'chargeCard'));
  await expect(
    Worker.runReplayHistory(
      { workflowBundle: { codePath: fromStack('WORKFLOW_BUNDLE_PATH') } },
      historyFromJSON(json),
    ),
  ).rejects.toThrow(/chargeCard|determinis/i);
});

test.each(files)('the present workflows replay %s', async (file) => {
  const json: unknown = JSON.parse(readFileSync(path.join(__dirname, file), 'utf8'));
  const replay = Worker.runReplayHistory(
    { workflowBundle: { codePath: fromStack('WORKFLOW_BUNDLE_PATH') } },
    historyFromJSON(json),
    `payment:${path.basename(file, '.json')}`,
  );
  await expect(replay).resolves.toBeUndefined();
});
