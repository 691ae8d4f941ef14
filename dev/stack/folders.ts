import { existsSync } from 'node:fs';
import path from 'node:path';

/** The clone. This file is two folders below it as a source and three once it is compiled. */
export const ROOT = [path.join(__dirname, '../..'), path.join(__dirname, '../../..')].filter(
  (folder) => existsSync(path.join(folder, 'package-lock.json')),
)[0] as string;

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
