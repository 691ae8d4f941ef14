import { defineConfig } from 'prisma/config';

// `generate` and `validate` never run the schema engine, yet the CLI wants its binary before it
// starts, and downloads it where none is named. Any executable file satisfies that check.
process.env['PRISMA_SCHEMA_ENGINE_BINARY'] ??= process.execPath;

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env['DATABASE_URL'] ?? '' },
});
