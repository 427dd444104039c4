-- What came of an event: its texts were looked for among all of the account's.
CREATE INDEX CONCURRENTLY notifications_of_an_event ON notifications (event, event_month);
