-- What the provider says later: the legs of its messages, the callbacks that told of them, and what is still to be
-- asked of messages whose notification has its end.

-- One channel of a provider's message, as the provider tells of it; a hybrid has two once its SMS has followed.
CREATE TABLE legs (
    account text NOT NULL,
    message_id text NOT NULL,
    channel text NOT NULL,
    -- The provider's word, lower case.
    status text NOT NULL,
    -- Viber's rejected_status, as it was written.
    rejected text,
    sent_at timestamptz,
    -- When that status began.
    updated_at timestamptz,
    -- In hryvnias, and null until the provider's details tell it.
    price numeric(10, 4),
    segments smallint,
    -- The status with which the price was told: a later one may bring another, for what is lost may cost nothing.
    priced text,
    -- Promise: a message goes by a channel once.
    CONSTRAINT leg_is_told_once PRIMARY KEY (account, message_id, channel),
    CONSTRAINT leg_belongs_to_a_message FOREIGN KEY (account, message_id)
    REFERENCES provider_messages ON DELETE CASCADE,
    CONSTRAINT leg_channel_is_known CHECK (channel IN ('sms', 'viber')),
    CONSTRAINT leg_costs_something_or_nothing CHECK (price >= 0 AND segments >= 0)
);

CREATE TABLE callbacks (
    account text NOT NULL,
    -- TurboSMS's id of the event, which alone is what it signs.
    event_id text NOT NULL,
    message_id text NOT NULL,
    -- The provider's word, lower case.
    status text NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    times integer NOT NULL DEFAULT 1,
    -- Null as long as the message is not ours: the callback may come before the answer that names it is written down.
    recorded_at timestamptz,
    -- Promise: an event speaks of the message that it named first, whoever repeats its signature.
    CONSTRAINT event_names_one_message PRIMARY KEY (account, event_id),
    CONSTRAINT callback_was_heard CHECK (times >= 1)
);
-- The collector's question: do this account's receipts come by themselves?
CREATE INDEX callbacks_of_an_account ON callbacks (account, last_at);

-- Messages whose notification has its end, but for the price, or for whether what Viber brought was read.
CREATE TABLE follow_ups (
    account text NOT NULL,
    message_id text NOT NULL,
    due_at timestamptz NOT NULL,
    CONSTRAINT follow_up_is_one PRIMARY KEY (account, message_id),
    CONSTRAINT follow_up_belongs_to_a_message FOREIGN KEY (account, message_id)
    REFERENCES provider_messages ON DELETE CASCADE
);
CREATE INDEX follow_ups_due ON follow_ups (due_at);
