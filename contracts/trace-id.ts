/** The trace id inside a W3C traceparent, by which log lines of one payment are found; else null. */
export function traceIdOf(traceparent: string | null | undefined): string | null {
  const [version, traceId] = (traceparent ?? '').split('-');
  return version === '00' && traceId !== undefined && /^[0-9a-f]{32}$/.test(traceId)
    ? traceId
    : null;
}
