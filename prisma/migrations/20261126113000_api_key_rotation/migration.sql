-- The key that took this one's place: a key is replaced once, so that two of them are live at most.
ALTER TABLE api_keys ADD COLUMN replaced_by TEXT REFERENCES api_keys (id);
