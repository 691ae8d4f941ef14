import { Registry } from 'prom-client';
import { addStateGauges } from './state-gauges';

test('gauges of one state share one read, and vanish while the state gives no answer', async () => {
  const registry = new Registry();
  const state = { reads: 0, away: false };
  addStateGauges(registry, {
    gauges: { backlog: 'Rows', oldest_seconds: 'Age' },
    labelNames: [],
    read: async () => {
      state.reads += 1;
      if (state.away) throw new Error('away');
      return {
        backlog: [{ labels: {}, value: 3 }],
        oldest_seconds: [{ labels: {}, value: 1.5 }],
      };
    },
  });
  const text = await registry.metrics();
  expect(text).toContain('\nbacklog 3');
  expect(text).toContain('\noldest_seconds 1.5');
  expect(state.reads).toBe(1);
  state.away = true;
  const during = await registry.metrics();
  expect(during).not.toMatch(/^(backlog|oldest_seconds)/m);
  state.away = false;
  expect(await registry.metrics()).toContain('\nbacklog 3');
});

test('a label that is no longer in the state is no longer in the scrape', async () => {
  const registry = new Registry();
  let queues = ['a', 'b'];
  addStateGauges(registry, {
    gauges: { ready: 'Messages' },
    labelNames: ['queue'],
    read: async () => ({ ready: queues.map((queue) => ({ labels: { queue }, value: 1 })) }),
  });
  expect(await registry.metrics()).toContain('ready{queue="b"} 1');
  queues = ['a'];
  expect(await registry.metrics()).not.toContain('queue="b"');
});
