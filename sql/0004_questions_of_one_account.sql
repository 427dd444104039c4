-- What a program asks of its own account over HTTP costs by what that account has, not by what all have.

-- The newest events of an account: no row of another is read, and no page ends at one.
CREATE INDEX events_of_an_account ON events (account, month, id);

-- The stop-list in its order.
CREATE INDEX suppressions_by_time ON suppressions (account, since DESC, recipient_key);
