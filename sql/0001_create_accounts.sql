-- What an admin sets: accounts, their triggers and templates, and who must not be written to.

-- Workers cache the configuration and read it again when this number has changed.
CREATE TABLE configuration (
    one boolean PRIMARY KEY DEFAULT TRUE,
    version bigint NOT NULL DEFAULT 1,
    -- Promise: there is one configuration.
    CONSTRAINT configuration_is_one_row CHECK (one)
);
INSERT INTO configuration DEFAULT VALUES;

CREATE FUNCTION bump_configuration() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE configuration SET version = version + 1;
    RETURN NULL;
END
$$;

-- Secrets that belong to the installation, sealed with SMS_SECRET_KEY (the salt of recipient keys).
CREATE TABLE secrets (
    name text PRIMARY KEY,
    sealed bytea NOT NULL
);

CREATE TABLE accounts (
    id text PRIMARY KEY,
    name text NOT NULL,
    -- The TurboSMS token, sealed with SMS_SECRET_KEY.
    token bytea NOT NULL,
    sms_sender text NOT NULL,
    viber_sender text,
    zone text NOT NULL DEFAULT 'Europe/Kyiv',
    locale text NOT NULL DEFAULT 'uk',
    -- Minutes after local midnight between which people may be disturbed; 0 and 1440 mean always.
    window_opens smallint NOT NULL DEFAULT 540,
    window_closes smallint NOT NULL DEFAULT 1200,
    post_mode text NOT NULL DEFAULT 'send',
    -- How long the provider is trusted to remember a sequence_id.
    key_life interval NOT NULL DEFAULT interval '24 hours',
    requests_per_s real NOT NULL DEFAULT 10,
    segments_per_s real,
    in_flight smallint NOT NULL DEFAULT 5,
    settings jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    -- Promise: an account id is one word of a routing key.
    CONSTRAINT account_id_is_a_routing_word CHECK (id ~ '^[a-z0-9-]{1,40}$'),
    -- Promise: a window opens before it closes, within one day.
    CONSTRAINT window_lies_in_one_day CHECK (
        window_opens >= 0 AND window_opens < window_closes AND window_closes <= 1440
    ),
    CONSTRAINT post_mode_is_known CHECK (post_mode IN ('send', 'sendmulti')),
    CONSTRAINT key_life_is_positive CHECK (key_life > interval '0'),
    CONSTRAINT pace_is_positive CHECK (
        requests_per_s > 0 AND in_flight > 0 AND coalesce(segments_per_s, 1) > 0
    )
);

CREATE TABLE triggers (
    account text NOT NULL REFERENCES accounts ON DELETE CASCADE,
    trigger text NOT NULL,
    switched_on boolean NOT NULL,
    channel text NOT NULL DEFAULT 'sms',
    settings jsonb NOT NULL DEFAULT '{}',
    -- Promise: an account has one switch for each trigger.
    PRIMARY KEY (account, trigger),
    CONSTRAINT channel_is_known CHECK (channel IN ('sms', 'viber', 'viber_then_sms', 'both'))
);

-- A template belongs to a trigger, or is a custom one with a name and a section.
CREATE TABLE templates (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account text NOT NULL REFERENCES accounts ON DELETE CASCADE,
    trigger text,
    name text,
    description text,
    section text,
    locale text NOT NULL DEFAULT 'uk',
    -- Promise: a template is a trigger's or has a name, never both.
    CONSTRAINT template_is_a_triggers_or_custom CHECK ((trigger IS NULL) <> (name IS NULL)),
    CONSTRAINT custom_template_has_a_section CHECK ((name IS NULL) = (section IS NULL))
);
-- Promise: a trigger has one template in each language.
CREATE UNIQUE INDEX one_template_per_trigger_and_locale ON templates (account, trigger, locale)
WHERE trigger IS NOT NULL;
-- Promise: a custom template is found by its name.
CREATE UNIQUE INDEX one_custom_template_per_name ON templates (account, name, locale)
WHERE name IS NOT NULL;

-- The newest version counts; a roll back is a new version with an old text.
CREATE TABLE template_versions (
    template bigint NOT NULL REFERENCES templates ON DELETE CASCADE,
    version integer NOT NULL,
    text text NOT NULL,
    author text NOT NULL,
    created_at timestamptz NOT NULL,
    -- Promise: a version is written once.
    PRIMARY KEY (template, version),
    CONSTRAINT version_counts_from_one CHECK (version >= 1)
);

-- The stop-list: people who are not written to, by the HMAC of their phone.
CREATE TABLE suppressions (
    account text NOT NULL REFERENCES accounts ON DELETE CASCADE,
    recipient_key bytea NOT NULL,
    reason text NOT NULL,
    source text NOT NULL,
    since timestamptz NOT NULL,
    PRIMARY KEY (account, recipient_key)
);

-- What stands still until a person or a probe resumes it: scope 'account', or a part of one.
CREATE TABLE pauses (
    account text NOT NULL REFERENCES accounts ON DELETE CASCADE,
    scope text NOT NULL DEFAULT 'account',
    reason text NOT NULL,
    code integer,
    since timestamptz NOT NULL,
    paused_by text NOT NULL,
    -- Promise: a scope is paused once, with one alert.
    PRIMARY KEY (account, scope)
);

-- The shared pace of an account (GCRA): when the next request and segment may go.
CREATE TABLE rates (
    account text PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    requests_at timestamptz NOT NULL DEFAULT '-infinity',
    segments_at timestamptz NOT NULL DEFAULT '-infinity',
    slowed_until timestamptz NOT NULL DEFAULT '-infinity',
    slowness real NOT NULL DEFAULT 1,
    CONSTRAINT slowness_never_speeds_up CHECK (slowness >= 1)
);

CREATE TRIGGER accounts_bump_configuration
AFTER INSERT OR UPDATE OR DELETE ON accounts
FOR EACH STATEMENT EXECUTE FUNCTION bump_configuration();
CREATE TRIGGER triggers_bump_configuration
AFTER INSERT OR UPDATE OR DELETE ON triggers
FOR EACH STATEMENT EXECUTE FUNCTION bump_configuration();
CREATE TRIGGER templates_bump_configuration
AFTER INSERT OR UPDATE OR DELETE ON templates
FOR EACH STATEMENT EXECUTE FUNCTION bump_configuration();
CREATE TRIGGER template_versions_bump_configuration
AFTER INSERT OR UPDATE OR DELETE ON template_versions
FOR EACH STATEMENT EXECUTE FUNCTION bump_configuration();
