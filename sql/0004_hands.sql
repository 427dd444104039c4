-- What people do by hand: pause and resend.

-- ---------------------------------------------------------------------------------------------------------------------
-- Pauses of one account, or, where `account` is null, of every account.
-- ---------------------------------------------------------------------------------------------------------------------

ALTER TABLE pauses
-- When it ends by itself; null: a person or a probe ends it.
ADD COLUMN until timestamptz,
-- What the person wrote for whoever looks at it.
ADD COLUMN note text;

-- Promise: a scope of an account, or of all accounts, is paused once, with one alert.
CREATE UNIQUE INDEX scope_is_paused_once ON pauses (account, scope) NULLS NOT DISTINCT;
ALTER TABLE pauses DROP CONSTRAINT pauses_pkey;
ALTER TABLE pauses ALTER COLUMN account DROP NOT NULL;

ALTER TABLE pauses DROP CONSTRAINT pause_scope_is_known;
-- 'hand' is all texts, the others those of a trigger, a lane or a channel. They stand beside what paused itself.
ALTER TABLE pauses ADD CONSTRAINT pause_scope_is_known CHECK (
    scope ~ '^(account|provider|viber|trigger/[a-z0-9_.]+|person/[0-9a-f]+)$'
    OR scope ~ '^hand(/(trigger/[a-z0-9_.]+|lane/(urgent|normal|bulk)|channel/(sms|viber)))?$'
) NOT VALID;
ALTER TABLE pauses VALIDATE CONSTRAINT pause_scope_is_known;
-- Promise: what a program pauses is paused for a reason of one account, and until that reason is gone.
ALTER TABLE pauses ADD CONSTRAINT only_people_pause_all_accounts_or_for_a_time CHECK (
    scope ~ '^hand(/|$)' OR (account IS NOT NULL AND until IS NULL)
) NOT VALID;
ALTER TABLE pauses VALIDATE CONSTRAINT only_people_pause_all_accounts_or_for_a_time;

-- ---------------------------------------------------------------------------------------------------------------------
-- Resends: a notification of its own, which names the first.
-- ---------------------------------------------------------------------------------------------------------------------

ALTER TABLE notifications
ADD COLUMN resend_of_month date,
ADD COLUMN resend_of bigint;
