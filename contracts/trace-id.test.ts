import { traceIdOf } from './trace-id';

test('the trace id is taken from a well-formed traceparent and from nothing else', () => {
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  expect(traceIdOf(`00-${traceId}-b7ad6b7169203331-01`)).toBe(traceId);
  for (const bad of [null, undefined, '', traceId, `ff-${traceId}-b7-01`, '00-short-b7-01']) {
    expect(traceIdOf(bad)).toBeNull();
  }
});
