// @ts-check
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { identify, isAlive } = require('./process-identity.cjs');

/** @typedef {import('./process-identity.cjs').ProcessIdentity} ProcessIdentity */

/**
 * @param {string} file
 * @returns {ProcessIdentity | undefined} the living holder, undefined for a free or stale lock
 */
function holderOf(file) {
  try {
    const holder = JSON.parse(fs.readFileSync(file, 'utf8'));
    return isAlive(holder) ? holder : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Takes the lock or says who holds it. The content is written before the name exists (link), so
 * nobody ever reads a half-written lock; a stale one is moved away under a name of our own first,
 * so that of two that find it only one removes it.
 * @param {string} file
 * @returns {{ release: () => void } | { holder: ProcessIdentity }}
 */
function tryLock(file) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const own = `${file}.${process.pid}`;
  fs.writeFileSync(own, JSON.stringify(identify(process.pid)), { mode: 0o600 });
  try {
    for (;;) {
      try {
        fs.linkSync(own, file);
        return { release: () => fs.rmSync(file, { force: true }) };
      } catch (error) {
        const { code } = /** @type {NodeJS.ErrnoException} */ (error);
        if (code !== 'EEXIST') throw error;
      }
      const holder = holderOf(file);
      if (holder !== undefined) return { holder };
      removeStale(file);
    }
  } finally {
    fs.rmSync(own, { force: true });
  }
}

/** @param {string} file */
function removeStale(file) {
  const aside = `${file}.stale.${process.pid}`;
  try {
    fs.renameSync(file, aside);
  } catch {
    return;
  }
  if (holderOf(aside) === undefined) {
    fs.rmSync(aside, { force: true });
    return;
  }
  // Between the look and the move a living process took the lock: give it its name back.
  fs.renameSync(aside, file);
}

/**
 * Waits for the lock.
 * @param {string} file
 * @param {{ deadlineMs: number, onWait: (holder: ProcessIdentity) => void }} options
 * @returns {Promise<() => void>} releases it; throws when the deadline passes
 */
async function lock(file, { deadlineMs, onWait }) {
  const deadline = Date.now() + deadlineMs;
  let told = false;
  for (;;) {
    const outcome = tryLock(file);
    if ('release' in outcome) return outcome.release;
    if (!told) onWait(outcome.holder);
    told = true;
    if (Date.now() > deadline) {
      throw new Error(`${file} is still held by process ${outcome.holder.pid}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

module.exports = { lock, tryLock };
