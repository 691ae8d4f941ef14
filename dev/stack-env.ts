import { runningState } from './stack/running-state';
import { exportLines } from './stack/state';

/** `npm run -s stack:env`: the running stack as lines for a shell's eval. */
try {
  const { env, withheld = [] } = runningState();
  process.stdout.write(exportLines(env));
  const missing = withheld.filter((name) => (process.env[name] ?? '') === '');
  if (missing.length > 0) {
    console.error(
      `paysaga: not shown: ${missing.join(', ')}. Processes and the doctor take such secrets from ` +
        'your environment; set them in this shell as "npm start" got them',
    );
  }
} catch (error) {
  console.error(`paysaga: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
