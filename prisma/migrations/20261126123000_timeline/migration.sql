-- A payment's timeline looks for its webhooks by both; those of other objects have neither.
CREATE INDEX stripe_events_payment_id_idx ON stripe_events (payment_id);
CREATE INDEX stripe_events_provider_intent_id_idx ON stripe_events (provider_intent_id);
