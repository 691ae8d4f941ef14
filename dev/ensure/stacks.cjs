// @ts-check
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { isAlive } = require('./process-identity.cjs');

/**
 * What a launcher writes down, in starting order, before it relies on anything it started.
 * @typedef {import('./process-identity.cjs').ProcessIdentity} ProcessIdentity
 * @typedef {ProcessIdentity & { name: string, stopSignal: NodeJS.Signals, stopDeadlineMs: number }} ProcessRecord
 * @typedef {{ launcher: ProcessIdentity, ephemeral: boolean, processes: ProcessRecord[] }} StackRecord
 */

const RECORD = 'processes.json';
const CHILDREN = 'children';

/**
 * @param {string} folder of one stack
 * @returns {StackRecord | undefined}
 */
function readRecord(folder) {
  try {
    return JSON.parse(fs.readFileSync(path.join(folder, RECORD), 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * @param {string} folder
 * @param {StackRecord} record
 */
function writeRecord(folder, record) {
  const file = path.join(folder, RECORD);
  fs.writeFileSync(`${file}.new`, JSON.stringify(record, null, 1), { mode: 0o600 });
  fs.renameSync(`${file}.new`, file);
}

/** @param {string} folder */
function removeRecord(folder) {
  fs.rmSync(path.join(folder, RECORD), { force: true });
}

/**
 * @param {string} root the clone's data folder
 * @returns {{ name: string, folder: string, record: StackRecord }[]}
 */
function recordedStacks(root) {
  if (!fs.existsSync(root)) return [];
  return fs.readdirSync(root).flatMap((name) => {
    const folder = path.join(root, name);
    const record = readRecord(folder);
    return record === undefined ? [] : [{ name, folder, record }];
  });
}

/**
 * @param {string} root
 * @returns {{ name: string, launcher: ProcessIdentity }[]} stacks whose launcher still lives
 */
function runningStacks(root) {
  return recordedStacks(root)
    .filter(({ record }) => isAlive(record.launcher))
    .map(({ name, record }) => ({ name, launcher: record.launcher }));
}

/**
 * @param {number} pid
 * @param {NodeJS.Signals} signal
 */
function signalQuietly(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended between the look and the signal, which is what the signal was for.
  }
}

/**
 * Ends one process: the polite signal, then after its deadline KILL to its whole group.
 * @param {ProcessRecord} record
 */
async function endProcess(record) {
  if (!isAlive(record)) return;
  signalQuietly(record.pid, record.stopSignal);
  const deadline = Date.now() + record.stopDeadlineMs;
  while (isAlive(record)) {
    if (Date.now() > deadline) signalQuietly(-record.pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/**
 * Ends what launchers that are gone (SIGKILL, a crash) left running, newest first, and removes
 * the data of those stacks that were never meant to be kept.
 * @param {string} root
 * @param {(line: string) => void} say
 */
async function clearStaleStacks(root, say) {
  for (const { name, folder, record } of recordedStacks(root)) {
    if (isAlive(record.launcher)) continue;
    const left = record.processes.filter(isAlive);
    if (left.length > 0) {
      say(`clearing ${left.length} process(es) left by an earlier ${name} stack`);
    }
    for (const entry of left.toReversed()) await endProcess(entry);
    // A test process keeps a record of its own for what it starts.
    await clearStaleStacks(path.join(folder, CHILDREN), () => undefined);
    if (record.ephemeral) fs.rmSync(folder, { recursive: true, force: true });
    else removeRecord(folder);
  }
}

module.exports = {
  CHILDREN,
  clearStaleStacks,
  endProcess,
  readRecord,
  removeRecord,
  runningStacks,
  writeRecord,
};
