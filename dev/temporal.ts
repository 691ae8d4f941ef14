import { spawn } from 'node:child_process';
import { programFolder } from './stack/folders';
import { runningState } from './stack/running-state';
import { temporalCli } from './stack/temporal-programs';

/** `npm run temporal -- ...`: the Temporal CLI against the running stack. */
async function main(): Promise<void> {
  const { env } = runningState();
  const say = (line: string): void => console.error(line);
  const program = await temporalCli({ folder: programFolder(), say });
  const cli = spawn(program, process.argv.slice(2), {
    stdio: 'inherit',
    env: {
      ...process.env,
      TEMPORAL_ADDRESS: env['TEMPORAL_ADDRESS'],
      TEMPORAL_NAMESPACE: env['TEMPORAL_NAMESPACE'],
    },
  });
  // A Ctrl-C reaches the CLI by itself; this process only waits to pass its exit code on.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => cli.kill('SIGTERM'));
  cli.once('error', fail);
  cli.once('exit', (code) => process.exit(code ?? 1));
}

function fail(error: unknown): void {
  console.error(`paysaga: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}

main().catch(fail);
