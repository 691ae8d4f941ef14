import { readFile } from 'node:fs/promises';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import type * as EngineModule from '@prisma/schema-engine-wasm/schema_engine_bg';
import type { DatabaseAddress } from '../../application/ports/server-address';
import { connectionOptions } from './connection-options';
import { migrationAdapter } from './migration-adapter';

// Node has WebAssembly, but its types come with the browser's, which this project leaves out.
declare const WebAssembly: {
  instantiate(
    bytes: Uint8Array,
    imports: Record<string, unknown>,
  ): Promise<{ readonly instance: { readonly exports: Record<string, unknown> } }>;
};

/** Where the engine leaves the text of a panic before the WebAssembly trap hides it. */
class PanicRegistry {
  message = '';

  set_message(message: string): void {
    this.message = message;
  }
}

/**
 * Runs a command of Prisma's schema engine in its WebAssembly build, which needs no binary for
 * the platform, and closes everything it opened.
 */
export async function withSchemaEngine<Result>(
  database: DatabaseAddress,
  command: (engine: EngineModule.SchemaEngine) => Promise<Result>,
): Promise<Result> {
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: new PanicRegistry() });
  const { SchemaEngine: Engine } = await loadEngine();
  const adapter = migrationAdapter({
    ...connectionOptions(database),
    application_name: 'paysaga-migrate',
    connectionTimeoutMillis: 10_000,
  });
  try {
    const bound = bindMigrationAwareSqlAdapterFactory(adapter.factory);
    const engine = await Engine.new({ datamodels: undefined }, () => undefined, bound);
    return await command(engine);
  } finally {
    await adapter.close();
  }
}

let loading: Promise<typeof EngineModule> | undefined;

function loadEngine(): Promise<typeof EngineModule> {
  loading ??= instantiateEngine();
  return loading;
}

async function instantiateEngine(): Promise<typeof EngineModule> {
  const glue = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const path = require.resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const bytes = await readFile(path.replace(/\.js$/, '.wasm'));
  const imports = { ...glue, ...withoutLingeringTimers(glue) };
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': imports });
  glue.__wbg_set_wasm(instance.exports);
  start(instance.exports);
  return glue;
}

/** The engine's ten-second limit on the lock outlives the command and would delay the exit. */
function withoutLingeringTimers(glue: object): Record<string, unknown> {
  const names = Object.keys(glue).filter((name) => name.startsWith('__wbg_setTimeout'));
  const setUnreferenced = (callback: () => void, delayMs: number) =>
    setTimeout(callback, delayMs).unref();
  return Object.fromEntries(names.map((name) => [name, setUnreferenced]));
}

function start(exported: Record<string, unknown>): void {
  const entry = exported['__wbindgen_start'];
  if (typeof entry !== 'function') throw new Error('the schema engine has no entry point');
  entry();
}
