// The import table of docs/architecture.md, held by `npm run lint:boundaries`.
// Each room lists everything it may import; what is not listed is an error.
const external = (...names) => names.map((name) => `^node_modules/${name}(/|$)`);
const builtins =
  '^(node:)?(crypto|buffer|timers|timers/promises|events|url|util|assert|stream|net|http|https)$';
const rooms = {
  '^domain/': ['^domain/'],
  '^contracts/(?!schemas/)': ['^contracts/(?!schemas/)', '^domain/'],
  '^contracts/schemas/': ['^contracts/', '^domain/', ...external('zod')],
  '^application/': ['^application/', '^domain/', '^contracts/', builtins],
  '^workflows/': [
    '^workflows/',
    '^domain/',
    '^contracts/(?!schemas/)',
    '^activities/',
    ...external('@temporalio/(workflow|common)'),
  ],
  '^activities/': [
    '^activities/',
    '^domain/',
    '^contracts/',
    '^application/ports/',
    ...external('@temporalio/(activity|common)'),
    builtins,
  ],
  '^api/(?!main\\.ts|composition/)': [
    '^api/(?!main\\.ts|composition/)',
    '^application/',
    '^domain/',
    '^contracts/',
    ...external(
      'express',
      'helmet',
      'pino',
      'zod',
      'lossless-json',
      'prom-client',
      '@types/(express|express-serve-static-core|qs)',
    ),
    builtins,
  ],
  '^config/': ['^config/', '^domain/', '^contracts/', ...external('zod'), '^(node:)?fs$'],
  '^adapters/postgres/': [
    '^adapters/postgres/',
    '^generated/',
    '^application/ports/',
    '^domain/',
    '^contracts/',
    ...external('@prisma/.*', 'pg', '@types/pg'),
    builtins,
    '^(node:)?(fs|path|fs/promises)$',
  ],
  '^adapters/stripe/': [
    '^adapters/stripe/',
    '^application/ports/',
    '^domain/',
    '^contracts/',
    ...external('stripe'),
    builtins,
  ],
  '^adapters/rabbitmq/': [
    '^adapters/rabbitmq/',
    '^application/ports/',
    '^domain/',
    '^contracts/',
    ...external('amqplib'),
    builtins,
  ],
  '^adapters/redis/': [
    '^adapters/redis/',
    '^application/ports/',
    '^domain/',
    '^contracts/',
    ...external('ioredis', 'rate-limiter-flexible'),
    builtins,
  ],
  '^adapters/temporal/': [
    '^adapters/temporal/',
    '^application/ports/',
    '^domain/',
    '^contracts/',
    ...external('@temporalio/(client|common|worker)'),
    builtins,
    '^(node:)?path$',
  ],
  '^adapters/system/': [
    '^adapters/system/',
    '^application/ports/',
    '^domain/',
    '^contracts/',
    ...external('pino', 'pino-pretty', 'uuidv7', 'prom-client'),
    builtins,
  ],
  '^adapters/tracing/': [
    '^adapters/tracing/',
    '^application/ports/',
    '^domain/',
    '^contracts/',
    ...external('@opentelemetry/.*'),
    builtins,
    '^(node:)?(async_hooks|os)$',
  ],
  '^sandbox/': [
    '^sandbox/',
    ...external('stripe', 'express', '@types/.*'),
    builtins,
    '^(node:)?(fs|path)$',
  ],
  '^examples/': ['^examples/', builtins, '^(node:)?(fs|path)$'],
};
const tests = ['\\.test\\.ts$', '\\.fixture\\.ts$'];

module.exports = {
  forbidden: [
    ...Object.entries(rooms).map(([from, to]) => ({
      name: `room ${from}`,
      severity: 'error',
      from: { path: from, pathNot: tests },
      to: { pathNot: to },
    })),
    {
      name: 'composition roots are imported by nobody',
      severity: 'error',
      from: {
        pathNot: [
          ...tests,
          '^(api/main\\.ts|(api/composition|workers|operate|dev|test|bench|examples)/)',
        ],
      },
      to: {
        path: '^(api/main\\.ts|api/composition/|workers/|operate/|dev/|test/|bench/|examples/)',
      },
    },
    {
      name: 'no cycles',
      severity: 'error',
      from: { pathNot: '^generated/' },
      to: { circular: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    exclude: { path: '^(dist|coverage)/' },
  },
};
