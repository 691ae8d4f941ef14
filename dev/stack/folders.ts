import { existsSync } from 'node:fs';
import path from 'node:path';

/** The clone: the folder above this file, source or compiled, that holds the lockfile. */
export const ROOT = cloneAbove(__dirname);

/** Everything that commands of this clone keep: git-ignored, safe to delete when nothing runs. */
export const DATA = path.join(ROOT, '.paysaga');

/**
 * Downloaded programs. A second clone on the same machine need not fetch them again where
 * PAYSAGA_CACHE_DIR names a common folder.
 */
export function programFolder(): string {
  const shared = process.env['PAYSAGA_CACHE_DIR'];
  return shared === undefined || shared === '' ? path.join(DATA, 'bin') : path.resolve(shared);
}

export function compiled(entry: string): string {
  return path.join(ROOT, 'dist', entry);
}

export const WORKFLOW_BUNDLE = compiled('workflow-bundle.js');

function cloneAbove(folder: string): string {
  if (existsSync(path.join(folder, 'package-lock.json'))) return folder;
  const parent = path.dirname(folder);
  if (parent === folder) throw new Error('the files of paysaga are not inside a clone of it');
  return cloneAbove(parent);
}
