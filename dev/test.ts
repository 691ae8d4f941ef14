import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createDatabase, withDatabase } from './stack/database';
import { programFolder, ROOT, WORKFLOW_BUNDLE } from './stack/folders';
import { ALL_PARTS } from './stack/parts';
import { startPrivateService } from './stack/private-service';
import type { ManagedProcess } from './stack/processes';
import { exitCodeOf, firstSignal } from './stack/signals';
import { Stack } from './stack/stack';
import { temporalTestServer } from './stack/temporal-programs';
import { ensureChromium } from './testing/chromium';
import { type Counts, countsLine, countTests, type JestReport, jestReport } from './testing/counts';
import { isolatedEnvironment } from './testing/environment';

// Two workers, because that is how many cores the smallest machine has, and each real server's
// timing suffers before jest's does. There is one Temporal namespace for each jest worker.
const INTEGRATION_WORKERS = 2;
const NAMESPACES = ['test-1', 'test-2', 'test-3', 'test-4'];
const POLL_MS = 100;
const EXIT_GRACE_MS = 20_000;
const TEMPLATE = 'paysaga_template';

const MODES = {
  all: { projects: ['unit', 'integration'], parts: ALL_PARTS, prepare: serverEnvironment },
  unit: { projects: ['unit'], parts: [], prepare: noEnvironment },
  integration: { projects: ['integration'], parts: ALL_PARTS, prepare: serverEnvironment },
  browser: { projects: ['browser'], parts: ALL_PARTS, prepare: serviceEnvironment },
} as const;

type Mode = (typeof MODES)[keyof typeof MODES];

/** `npm test`, `npm run test:unit` and so on: `node dist/dev/test.js MODE [jest's options]`. */
async function main(): Promise<number> {
  const signal = firstSignal();
  const [name = 'all', ...jestArguments] = process.argv.slice(2);
  if (!isMode(name)) throw new Error(`unknown kind of tests: ${name}`);
  const mode = MODES[name];
  const stack = await Stack.prepare({
    name: `test-${process.pid}`,
    parts: mode.parts,
    persist: false,
    namespaces: NAMESPACES,
    say: (line) => console.log(line),
  });
  const run = runTests({ stack, mode, jestArguments }).catch(failedRun);
  const interrupted = signal.then((which) => ({ counts: countTests(undefined, null), which }));
  const outcome = await Promise.race([run.then((counts) => ({ counts })), interrupted]);
  // Jest may have been drawing its progress: the count gets a line of its own.
  if ('which' in outcome) console.log(`\nstopped by ${outcome.which}`);
  await stack.stop();
  console.log(countsLine(outcome.counts));
  if ('which' in outcome) return exitCodeOf(outcome.which);
  return outcome.counts.failed === 0 ? 0 : 1;
}

function isMode(name: string): name is keyof typeof MODES {
  return Object.hasOwn(MODES, name);
}

function failedRun(error: unknown): Counts {
  console.error(`the tests did not run: ${error instanceof Error ? error.message : String(error)}`);
  return countTests(undefined, 1);
}

interface TestRun {
  readonly stack: Stack;
  readonly mode: Mode;
  readonly jestArguments: readonly string[];
}

async function runTests({ stack, mode, jestArguments }: TestRun): Promise<Counts> {
  const own = await mode.prepare(stack);
  const reportFile = path.join(stack.folder, 'jest.json');
  const jest = stack.spawn({
    name: 'jest',
    command: process.execPath,
    args: [
      path.join(ROOT, 'node_modules/jest/bin/jest.js'),
      ...['--selectProjects', ...mode.projects],
      ...(mode.parts.length > 0 ? [`--maxWorkers=${INTEGRATION_WORKERS}`] : []),
      ...['--json', `--outputFile=${reportFile}`],
      ...jestArguments,
    ],
    cwd: ROOT,
    env: isolatedEnvironment(process.env, own),
    output: 'terminal',
    stopDeadlineMs: 5000,
  });
  const code = await endOfRun(jest, reportFile);
  return countTests(readReport(reportFile), code);
}

/**
 * Jest writes its report after the last test and then waits for whatever a test left open, for
 * ever if need be. That is a fault of the tests, so it ends the run as one.
 * @returns jest's exit code, null when it had to be ended
 */
async function endOfRun(jest: ManagedProcess, reportFile: string): Promise<number | null> {
  const ended = jest.exited.then(({ code }) => code);
  while (!existsSync(reportFile) && jest.isRunning()) await delay(POLL_MS);
  const giveUp = new AbortController();
  const tooLate = delay(EXIT_GRACE_MS, 'too late', { signal: giveUp.signal }).catch(() => null);
  const outcome = await Promise.race([ended, tooLate]);
  giveUp.abort();
  if (typeof outcome !== 'string') return outcome;
  console.error('jest did not end after its last test: a test leaves something open');
  await jest.stop();
  return null;
}

function readReport(file: string): JestReport | undefined {
  try {
    return jestReport.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

async function noEnvironment(): Promise<Record<string, string>> {
  return {};
}

/** The whole service, as its users meet it, and a browser. */
async function serviceEnvironment(stack: Stack): Promise<Record<string, string>> {
  const chromium = ensureChromium((line) => console.log(line));
  const { addresses } = await startPrivateService(stack, {});
  return {
    ...addresses,
    TEST_CHROMIUM: chromium,
    TEST_RUN_ID: randomBytes(4).toString('hex'),
    TEST_STACK_FOLDER: stack.folder,
  };
}

/** Migrates the template that test databases are copied from, and names every address. */
async function serverEnvironment(stack: Stack): Promise<Record<string, string>> {
  await stack.start();
  const { env } = stack;
  const template = withDatabase(env['DATABASE_URL'] ?? '', TEMPLATE);
  await createDatabase({ url: template });
  await stack.migrate(template);
  const database = withDatabase(template, 'paysaga_test');
  await createDatabase({ url: database, template: TEMPLATE });
  const search = { folder: programFolder(), say: (line: string) => console.log(line) };
  return {
    ...env,
    DATABASE_URL: database,
    TEST_TEMPLATE_DATABASE: TEMPLATE,
    TEST_RUN_ID: randomBytes(4).toString('hex'),
    TEMPORAL_TEST_SERVER_PATH: await temporalTestServer(search),
    WORKFLOW_BUNDLE_PATH: WORKFLOW_BUNDLE,
    TEST_STACK_FOLDER: stack.folder,
  };
}

main()
  .then((code) => process.exit(code))
  .catch((error: unknown) => {
    console.error(`paysaga: ${error instanceof Error ? error.message : String(error)}`);
    console.log(countsLine({ passed: 0, failed: 1, skipped: 0 }));
    process.exit(1);
  });
