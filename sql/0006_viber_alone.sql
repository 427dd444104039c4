-- Whether an account that tries Viber first sends no SMS to whom Viber does not reach.
ALTER TABLE accounts ADD COLUMN viber_alone boolean NOT NULL DEFAULT FALSE;
