-- What the janitor asks for: the oldest first. The outbox needs no index of its own for that, for it
-- is walked along `seq`, and one on published_at would be paid for by each message of the relay.
CREATE INDEX inbox_received_at_idx ON inbox (received_at);
CREATE INDEX stripe_events_processed_idx ON stripe_events (processed_at)
  WHERE processed_at IS NOT NULL;
