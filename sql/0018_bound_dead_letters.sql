-- How many open dead letters an account has, and how many of their bodies are whole, so that nobody fills the disk.

CREATE INDEX open_dead_letters_of_an_account ON dead_letters (coalesce(account, '')) WHERE state = 'open';

CREATE INDEX open_dead_bodies_of_an_account ON dead_letters (coalesce(account, ''))
WHERE state = 'open' AND body IS NOT NULL AND size > 4096;

-- What is closed is forgotten by when it was, what is open by when it came last.
CREATE INDEX dead_letters_by_age ON dead_letters (coalesce(closed_at, last_at));
