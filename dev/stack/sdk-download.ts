import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { isExecutable } from './installer';

// The SDK checks its cache's age; a program that is there is never fetched again.
const KEEP = '10 years';

/**
 * Lets the Temporal SDK fetch a server, by starting and stopping one, and keeps the file. This is
 * the last resort where PyPI is not reached.
 * @returns the program's path
 * @throws what the SDK throws when its download host is not reached
 */
export async function sdkDownload(
  program: string,
  { folder, say }: { folder: string; say: (line: string) => void },
): Promise<string> {
  const downloadDir = path.join(folder, `sdk-${program}`);
  const present = downloaded(downloadDir);
  if (present !== undefined) return present;
  say(`downloading ${program} through the Temporal SDK`);
  mkdirSync(downloadDir, { recursive: true });
  const executable = { type: 'cached-download', downloadDir, ttl: KEEP } as const;
  const environment =
    program === 'temporal'
      ? await TestWorkflowEnvironment.createLocal({ server: { executable } })
      : await TestWorkflowEnvironment.createTimeSkipping({ server: { executable } });
  await environment.teardown();
  const fetched = downloaded(downloadDir);
  if (fetched === undefined) throw new Error(`the SDK left no program in ${downloadDir}`);
  return fetched;
}

function downloaded(folder: string): string | undefined {
  try {
    return readdirSync(folder)
      .map((name) => path.join(folder, name))
      .find(isExecutable);
  } catch {
    return undefined;
  }
}
