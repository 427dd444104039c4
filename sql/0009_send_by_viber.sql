-- Viber: who may send by it, what a template asks of it, and which notifications go by it.

-- Whatever would go as an SMS is tried by Viber first.
ALTER TABLE accounts ADD COLUMN viber_instead boolean NOT NULL DEFAULT FALSE;

-- ttl, button, picture and transactional, as far as it asks for them; who the message is from is the account's.
ALTER TABLE templates
ADD COLUMN viber jsonb,
ADD CONSTRAINT template_asks_viber_for_named_things CHECK (jsonb_typeof(viber) = 'object');

-- The Viber part of a notification: its sender, and what the template asks for with this person's addresses in it.
-- `sender` is the SMS's, or the Viber sender where there is no SMS. A notification key holds `sms` for a row of
-- `viber_then_sms`: both are that person's SMS, whether Viber is tried before it or not.
-- Whatever their trigger's channel was, rows went as SMS until now.
UPDATE notifications SET channel = 'sms'
WHERE channel <> 'sms';
ALTER TABLE notifications
ADD COLUMN viber jsonb,
-- Promise: `both` is two notifications.
ADD CONSTRAINT notification_channel_is_known CHECK (channel IN ('sms', 'viber', 'viber_then_sms')) NOT VALID,
-- Promise: what goes by Viber says how, and an SMS alone says nothing of it.
ADD CONSTRAINT viber_goes_with_its_channel CHECK (
    CASE
        WHEN channel = 'sms' THEN viber IS NULL
        ELSE viber IS NOT NULL OR state = 'skipped'
    END
) NOT VALID;

-- Scope 'viber' waits for a person while TurboSMS does not take the account's Viber sender; its SMS go on.
ALTER TABLE pauses
DROP CONSTRAINT pause_scope_is_known,
ADD CONSTRAINT pause_scope_is_known CHECK (
    scope ~ '^(account|provider|viber|trigger/[a-z0-9_.]+|person/[0-9a-f]+)$'
);
