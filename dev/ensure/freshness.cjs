// @ts-check
'use strict';
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

/**
 * @param {string} root
 * @param {string[]} entries files and folders below root; missing ones count as empty
 * @param {(file: string) => boolean} wanted
 * @returns {string[]} paths from root, sorted
 */
function filesBelow(root, entries, wanted) {
  const found = entries.flatMap((entry) => {
    const stat = fs.statSync(path.join(root, entry), { throwIfNoEntry: false });
    if (stat === undefined) return [];
    if (stat.isFile()) return [entry];
    return filesBelow(
      root,
      fs.readdirSync(path.join(root, entry)).map((name) => path.join(entry, name)),
      wanted,
    );
  });
  return found.filter(wanted).toSorted();
}

/**
 * Content, not times: a branch switched to and back, or a restored cache, must not rebuild.
 * @param {string} root
 * @param {string[]} files
 * @returns {string}
 */
function contentHash(root, files) {
  const hash = crypto.createHash('sha256');
  for (const file of files) {
    hash
      .update(`${file}\0`)
      .update(fs.readFileSync(path.join(root, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

/**
 * @param {string} stamp file that holds the hash of the inputs an output was made from
 * @param {string} hash
 * @returns {boolean}
 */
function isFresh(stamp, hash) {
  try {
    return fs.readFileSync(stamp, 'utf8') === hash;
  } catch {
    return false;
  }
}

module.exports = { contentHash, filesBelow, isFresh };
