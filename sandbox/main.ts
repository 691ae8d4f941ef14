import { startSandbox } from './server';

/** Reads the environment, starts, prints one JSON line with the address, drains on a signal. */
async function main(): Promise<void> {
  const url = process.env['SANDBOX_WEBHOOK_URL'];
  const secret = process.env['SANDBOX_WEBHOOK_SECRET'];
  const port = Number(process.env['SANDBOX_PORT'] ?? '0');
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error('SANDBOX_PORT must be a port number, or 0 for a free one');
  }
  if ((url === undefined) !== (secret === undefined)) {
    throw new Error('SANDBOX_WEBHOOK_URL and SANDBOX_WEBHOOK_SECRET go together');
  }
  const dataFile = process.env['SANDBOX_DATA_FILE'] ?? '';
  const host = process.env['SANDBOX_HOST'] ?? '';
  const publicUrl = process.env['SANDBOX_PUBLIC_URL'] ?? '';
  if (publicUrl !== '' && !/^https?:\/\/[^/?#]+$/.test(publicUrl)) {
    throw new Error('SANDBOX_PUBLIC_URL must be an origin such as http://127.0.0.1:12111');
  }
  const sandbox = await startSandbox({
    port,
    ...(host === '' ? {} : { host }),
    ...(publicUrl === '' ? {} : { publicUrl }),
    ...(dataFile === '' ? {} : { dataFile }),
    ...(url === undefined || secret === undefined ? {} : { webhook: { url, secret } }),
  });
  console.log(JSON.stringify({ event: 'sandbox.listening', url: sandbox.url }));
  let closing = false;
  const stop = (): void => {
    // A Ctrl-C at the terminal delivers the signal twice; the second is no wish to hurry.
    if (closing) return;
    closing = true;
    void sandbox.close().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
