import { createServer } from 'node:http';
import { connectPaysaga } from './paysaga';
import { readSettings } from './settings';
import { createShop } from './shop-server';

/** `npm run example:checkout`: a shop with one page, on this machine only. */
function main(): void {
  const settings = readSettings(process.env);
  const server = createServer(createShop({ ...settings, paysaga: connectPaysaga(settings) }));
  server.on('error', fail);
  server.listen(settings.port, '127.0.0.1', () => {
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : settings.port;
    console.log(`checkout: http://127.0.0.1:${port}`);
  });
  const stop = (): void => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

function fail(error: unknown): void {
  console.error(`checkout: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}

try {
  main();
} catch (error) {
  fail(error);
}
