-- Parked payments are counted at each scrape and listed by operators; without this index that reads
-- the whole table, of which they are a handful of rows.
CREATE INDEX payments_needs_review_idx ON payments (updated_at) WHERE status = 'needs_review';
