import { resourceMissing } from './api-failure';
import type { Call } from './call';
import { LIST_PARAMS } from './params';

export function retrieveEvent(call: Call): object {
  const event = call.world.events.get(call.id);
  if (event === undefined) throw resourceMissing('event', call.id);
  const shown: object = JSON.parse(event.body);
  return shown;
}

export function listEvents(call: Call): object {
  const params = call.params([...LIST_PARAMS, 'type', 'delivery_success']);
  return call.world.events.list({
    limit: Math.min(params.integer('limit') ?? 10, 100),
    type: params.text('type'),
    startingAfter: params.text('starting_after'),
  });
}
