import { invalidRequest, resourceMissing } from './api-failure';
import type { Call } from './call';
import type { LoggedEvent } from './event-log';
import { LIST_PARAMS } from './params';
import type { World } from './world';

/** Stripe answers for the events of the last 30 days. */
const KEPT_SECONDS = 30 * 86_400;
const MOST_TYPES = 20;

function isKept(world: World, event: LoggedEvent): boolean {
  return event.created > world.clock.nowSeconds() - KEPT_SECONDS;
}

function show(event: LoggedEvent): object {
  const shown: object = JSON.parse(event.body);
  return shown;
}

export function retrieveEvent(call: Call): object {
  call.params([]);
  const event = call.world.events.logged.get(call.id);
  if (event === undefined || !isKept(call.world, event)) throw resourceMissing('event', call.id);
  return show(event);
}

/** A name, or a group such as `charge.dispute.*`, as `type` allows it. */
function named(type: string): (event: LoggedEvent) => boolean {
  if (type === '*') return () => true;
  if (!type.endsWith('.*')) return (event) => event.type === type;
  return (event) => event.type.startsWith(type.slice(0, -1));
}

export function listEvents(call: Call): object {
  const params = call.params([...LIST_PARAMS, 'type', 'types', 'delivery_success']);
  const type = params.text('type');
  const types = params.list('types');
  if (type !== null && types.length > 0) {
    throw invalidRequest({ message: 'You may specify either `type` or `types`.', param: 'types' });
  }
  if (types.length > MOST_TYPES) {
    throw invalidRequest({ message: `You may list up to ${MOST_TYPES} types.`, param: 'types' });
  }
  const success = params.boolean('delivery_success');
  const failed = success === null ? null : call.world.undelivered();
  const wanted = type === null ? types.map(named) : [named(type)];
  return call.world.events.logged.page(params, {
    url: '/v1/events',
    show,
    where: (event) =>
      isKept(call.world, event) &&
      (failed === null || failed.has(event.id) !== success) &&
      (wanted.length === 0 || wanted.some((fits) => fits(event))),
  });
}
