import { randomUUID } from 'node:crypto';
import { signals } from '../contracts/workflow-names';
import { eventually } from '../test/support/eventually';
import { openSupervision } from '../test/support/relay-supervision';
import type { Scene, Supervision } from '../test/support/relay-supervision';
import type { OutboxRelayInput } from '../contracts/relay';

jest.setTimeout(60_000);

let supervision: Supervision;

beforeAll(async () => {
  supervision = await openSupervision();
});

afterAll(() => supervision?.close());

const supervised = (act: (scene: Scene) => Promise<void>, input: Partial<OutboxRelayInput> = {}) =>
  supervision.run(act, input);

test('a run that is over continues as new and carries its totals along', () =>
  supervised(
    async ({ relay, handle, view }) => {
      const first = (await handle.describe()).runId;
      await eventually(async () => {
        expect((await handle.describe()).runId).not.toBe(first);
        expect((await view()).published).toBeGreaterThan(0);
      });
      expect(relay.stops).toBeGreaterThan(0);
      expect(await view()).toMatchObject({ shard: 0, state: 'relaying', oldestUnpublishedMs: 7 });
    },
    { runMs: 300 },
  ));

test('a pause stops the relay of the process, and a resume starts it again', () =>
  supervised(async ({ relay, handle, view }) => {
    await eventually(() => expect(relay.attached).toBe(1));
    await handle.signal(signals.pauseRelay);
    await eventually(() => expect(relay).toMatchObject({ attached: 0, stops: 1 }));
    await eventually(async () => {
      const { state, published } = await view();
      expect(state).toBe('paused');
      expect(published).toBeGreaterThan(0);
    });
    await handle.signal(signals.resumeRelay);
    await eventually(() => expect(relay.attached).toBe(1));
    expect((await view()).state).toBe('relaying');
  }));

test('a supervisor that was paused stays paused when it is started again with its own input', () =>
  supervised(
    async ({ relay, view }) => {
      expect((await view()).state).toBe('paused');
      expect(relay.attached).toBe(0);
    },
    { paused: true },
  ));

test('redrive revives the rows it names, while relaying goes on', () =>
  supervised(async ({ relay, handle, view }) => {
    await eventually(() => expect(relay.attached).toBe(1));
    const ids = [randomUUID(), randomUUID()];
    await handle.signal(signals.redrive, { ids });
    await handle.signal(signals.redrive);
    await eventually(async () => expect((await view()).redriven).toBe(6));
    expect(relay.redrives).toEqual(expect.arrayContaining([ids, undefined]));
    expect(relay.attached).toBe(1);
    expect(relay.stops).toBe(0);
  }));

const id = '0190f5b2-0000-7000-8000-000000000000';

test.each([{ ids: ['not-a-uuid'] }, { ids: id }, { id }, [id], 'x', null])(
  'the mistyped redrive %j revives nothing and is given up, and relaying goes on',
  (request) =>
    supervised(async ({ relay, handle, view }) => {
      await handle.signal(signals.redrive, request);
      await eventually(async () => expect(await failedRedrives(handle)).toBe(1));
      await handle.signal(signals.redrive);
      await eventually(async () => expect((await view()).redriven).toBe(3));
      expect(relay.redrives).toEqual([undefined]);
      expect(relay).toMatchObject({ attached: 1, stops: 0 });
    }),
);

test('a redrive that finds no database never holds up the next run, and is made there', () =>
  supervised(
    async ({ relay, handle, view }) => {
      relay.database = 'away';
      const first = (await handle.describe()).runId;
      const ids = [randomUUID()];
      await handle.signal(signals.redrive, { ids });
      await eventually(async () => expect((await handle.describe()).runId).not.toBe(first));
      await eventually(() => expect(relay.attached).toBe(1));
      relay.database = 'here';
      await eventually(async () => expect((await view()).redriven).toBe(3));
      expect(relay.redrives).toEqual([ids]);
    },
    { runMs: 2_000 },
  ));

async function failedRedrives(handle: Scene['handle']): Promise<number> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).filter((event) => event.activityTaskFailedEventAttributes).length;
}
