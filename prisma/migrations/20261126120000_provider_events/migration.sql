-- What a webhook claims, so that one whose claim is shown already needs no look at the provider.
ALTER TABLE stripe_events
  ADD COLUMN object_status TEXT,
  ADD COLUMN refund_id TEXT;
