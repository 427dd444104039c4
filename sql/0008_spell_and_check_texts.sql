-- What the texts of an account may hold, how they may be spelt, and what a template does about a missing value.

ALTER TABLE accounts
-- Shortcodes that this installation has beyond the catalogue: its own fields, which the CRM sends ready-made.
ADD COLUMN custom_shortcodes text[] NOT NULL DEFAULT '{}',
-- Where a text takes fewer segments by it: quotes and dashes as GSM-7 has them; Ukrainian in Latin letters.
ADD COLUMN plain_punctuation boolean NOT NULL DEFAULT FALSE,
ADD COLUMN transliterate boolean NOT NULL DEFAULT FALSE,
-- What TurboSMS takes for one segment, in hryvnias; null where nobody said.
ADD COLUMN segment_price numeric(9, 4),
-- Promise: a declared shortcode can be written in a text.
ADD CONSTRAINT custom_shortcodes_are_codes CHECK (
    custom_shortcodes::text ~ '^\{([a-z][a-z0-9_]{0,99}(,[a-z][a-z0-9_]{0,99})*)?\}$'
),
ADD CONSTRAINT segment_price_is_not_negative CHECK (segment_price >= 0);

ALTER TABLE templates
-- What a value that is missing outside a group and without a fallback does: the text goes without it and its
-- punctuation, or the row is `failed` with a dead letter.
ADD COLUMN missing text NOT NULL DEFAULT 'drop',
ADD CONSTRAINT missing_policy_is_known CHECK (missing IN ('drop', 'fail'));
