import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { programFolder } from './stack/folders';
import { findProgram, isExecutable } from './stack/installer';

// The newest tag when this was written; its OpenAPI document is of 2026-08-26.
const MODULE = 'github.com/stripe/stripe-mock';
const VERSION = 'v0.203.0';

/** Fetching and compiling takes 5 s with a warm proxy; ten times that on a loaded machine. */
const BUILD_DEADLINE_MS = 180_000;

/** Where Go's own installer puts it, which is often missing from PATH. */
const GO = '/usr/local/go/bin/go';

function findGo(): string | undefined {
  return findProgram('go') ?? (isExecutable(GO) ? GO : undefined);
}

function fromEnvironment(): string | undefined {
  const given = process.env['STRIPE_MOCK_PATH'];
  return given === undefined || given === '' ? undefined : given;
}

function target(): string {
  return path.join(programFolder(), `stripe-mock-${VERSION}`);
}

/** Whether `ensureStripeMock` has anything to go by: a path, an earlier build, or Go. */
export function canHaveStripeMock(): boolean {
  return fromEnvironment() !== undefined || isExecutable(target()) || findGo() !== undefined;
}

/**
 * Stripe's own request validator: `STRIPE_MOCK_PATH`, else built once with Go from its pinned
 * version into the folder of downloaded programs.
 * @returns the program's path, or null where there is no Go toolchain
 * @throws when it was named but is not there, or the build fails
 */
export async function ensureStripeMock(): Promise<string | null> {
  const given = fromEnvironment();
  if (given !== undefined) {
    if (isExecutable(given)) return given;
    throw new Error(`STRIPE_MOCK_PATH names ${given}, which is no program`);
  }
  if (isExecutable(target())) return target();
  const go = findGo();
  if (go === undefined) return null;
  mkdirSync(programFolder(), { recursive: true });
  // Built aside and renamed, so that a build cut short never looks like a finished one.
  const folder = mkdtempSync(path.join(programFolder(), 'stripe-mock-'));
  try {
    await goInstall(go, folder);
    renameSync(path.join(folder, 'stripe-mock'), target());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return target();
}

function goInstall(go: string, folder: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(go, ['install', `${MODULE}@${VERSION}`], {
      env: { ...process.env, GOBIN: folder },
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: BUILD_DEADLINE_MS,
    });
    let said = '';
    child.stderr.on('data', (part: Buffer) => {
      said = `${said}${part.toString()}`.slice(-2_000);
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`go install ${MODULE}@${VERSION} failed: ${said.trim()}`));
    });
  });
}
