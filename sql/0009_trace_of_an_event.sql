-- The W3C traceparent with which the event came, for the spans of what became of it; none for most.
ALTER TABLE events ADD COLUMN traceparent text;
