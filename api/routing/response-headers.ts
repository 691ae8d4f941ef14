/** The headers of answers, beyond those of HTTP itself, that callers may rely on. */
export const responseHeaders = {
  'Idempotent-Replayed': {
    description: '`true` when this is the stored answer to an earlier request with the same key.',
    schema: { type: 'string', enum: ['true'] },
  },
  Location: {
    description: 'Where to ask for the result.',
    schema: { type: 'string' },
  },
  'Preference-Applied': {
    description: 'The `Prefer: wait` that was granted, in seconds.',
    schema: { type: 'string' },
  },
  'RateLimit-Limit': {
    description: 'Requests that may come in one window.',
    schema: { type: 'string', pattern: '^\\d+$' },
  },
  'RateLimit-Remaining': {
    description: 'Those that are left in this window.',
    schema: { type: 'string', pattern: '^\\d+$' },
  },
  'RateLimit-Reset': {
    description: 'Seconds until the next window begins.',
    schema: { type: 'string', pattern: '^\\d+$' },
  },
  'Retry-After': {
    description: 'Seconds to wait before asking again.',
    schema: { type: 'string', pattern: '^\\d+$' },
  },
} as const;

export type ResponseHeader = keyof typeof responseHeaders;

/** What every answer of a route with a limit says. */
export const rateLimitHeaders = [
  'RateLimit-Limit',
  'RateLimit-Remaining',
  'RateLimit-Reset',
] as const satisfies ResponseHeader[];
