// @ts-check
'use strict';
// Makes a clone ready to run: packages, the Prisma client, compiled code, the workflow bundle, the
// types of the API's client; each only when it is missing or older than what it is made from. It
// needs no package itself, because it is what installs them.
const path = require('node:path');
const { install, installReason } = require('./ensure/installation.cjs');
const { lock } = require('./ensure/lock.cjs');
const {
  bundleWorkflows,
  compile,
  forgetOutputs,
  generateApiTypes,
  generateClient,
} = require('./ensure/outputs.cjs');
const { clearStaleStacks, runningStacks } = require('./ensure/stacks.cjs');

const ROOT = path.join(__dirname, '..');
const DATA = path.join(ROOT, '.paysaga');
// A first `npm ci` on a slow line takes minutes; a second command waits for it this long.
const LOCK_DEADLINE_MS = 15 * 60_000;

/** @param {string} line */
function say(line) {
  process.stderr.write(`${line}\n`);
}

async function ensurePackages() {
  const reason = installReason(ROOT);
  if (reason === undefined) return;
  const [running] = runningStacks(DATA);
  if (running !== undefined) {
    throw new Error(
      `${reason}, but the stack "${running.name}" of this clone is running ` +
        `(process ${running.launcher.pid}) and npm ci would pull its files away. ` +
        'Stop it (Ctrl-C in its window), then run this command again.',
    );
  }
  await clearStaleStacks(DATA, say);
  say(`${reason}: running npm ci`);
  install(ROOT);
}

async function main() {
  const [option] = process.argv.slice(2);
  // A production image holds compiled code and no development packages: nothing to prepare there.
  if (option === '--unless-production' && process.env['NODE_ENV'] === 'production') return;
  if (option === '--fresh') forgetOutputs(ROOT);
  const release = await lock(path.join(DATA, 'ensure.lock'), {
    deadlineMs: LOCK_DEADLINE_MS,
    onWait: (holder) => say(`waiting for process ${holder.pid}, which prepares this clone`),
  });
  try {
    await ensurePackages();
    generateClient(ROOT);
    compile(ROOT);
    bundleWorkflows(ROOT);
    generateApiTypes(ROOT);
  } finally {
    release();
  }
}

main().catch((error) => {
  say(`paysaga: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
