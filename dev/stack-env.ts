import { runningState } from './stack/running-state';
import { exportLines } from './stack/state';

/** `npm run -s stack:env`: the running stack as lines for a shell's eval. */
try {
  const { env, withheld = [] } = runningState();
  process.stdout.write(exportLines(env));
  const missing = withheld.filter((name) => (process.env[name] ?? '') === '');
  if (missing.length > 0) {
    console.error(
      `paysaga: ${missing.join(' and ')} of "npm start" is not shown; what needs it takes it from ` +
        'your environment, so set it in this shell too',
    );
  }
} catch (error) {
  console.error(`paysaga: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
