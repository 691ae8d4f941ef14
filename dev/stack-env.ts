import { runningState } from './stack/running-state';
import { exportLines } from './stack/state';

/** `npm run -s stack:env`: the running stack as lines for a shell's eval. */
try {
  process.stdout.write(exportLines(runningState().env));
} catch (error) {
  console.error(`paysaga: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
