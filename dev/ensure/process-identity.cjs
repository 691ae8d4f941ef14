// @ts-check
'use strict';
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');

/**
 * A process, so that it cannot be mistaken for a later one with the same number.
 * @typedef {{ pid: number, startTime: string }} ProcessIdentity
 */

/**
 * The text of /proc/<pid>/stat, reduced to what tells a process from its number's next owner.
 * A zombie has ended and only waits for its parent, so it counts as gone.
 * @param {string} stat
 * @returns {string | undefined} clock ticks since boot, undefined for a dead process
 */
function startTicks(stat) {
  // The command name may hold spaces and brackets; fields are only safe to split after its end.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  return state === 'Z' || state === 'X' ? undefined : fields[19];
}

/** @returns {string} distinguishes boots: ticks and pids start again at each of them */
function bootId() {
  return fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim().slice(0, 8);
}

/**
 * @param {number} pid
 * @returns {string | undefined} undefined when no such process lives
 */
function startTimeOf(pid) {
  try {
    if (process.platform === 'linux') {
      const ticks = startTicks(fs.readFileSync(`/proc/${pid}/stat`, 'utf8'));
      return ticks === undefined ? undefined : `${bootId()}:${ticks}`;
    }
    const shown = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    return shown === '' || shown.startsWith('Z') ? undefined : shown.replace(/^\S+\s+/, '');
  } catch {
    return undefined;
  }
}

/**
 * @param {number} pid
 * @returns {ProcessIdentity} of a process that lives; throws when it does not
 */
function identify(pid) {
  const startTime = startTimeOf(pid);
  if (startTime === undefined) throw new Error(`process ${pid} is not running`);
  return { pid, startTime };
}

/**
 * @param {ProcessIdentity} identity
 * @returns {boolean}
 */
function isAlive(identity) {
  return startTimeOf(identity.pid) === identity.startTime;
}

module.exports = { identify, isAlive, startTicks, startTimeOf };
