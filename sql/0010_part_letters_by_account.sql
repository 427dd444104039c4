-- SHA-256 of the body, where `hash` is of the account too: then the same bytes of two accounts are two open letters,
-- and the programs of before, which know only `hash`, go on beside.
ALTER TABLE dead_letters ADD COLUMN body_hash bytea;
