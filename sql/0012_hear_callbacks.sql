-- What TurboSMS signs an account's callbacks with, sealed as the token is.

-- Null: callbacks of this account are refused, and its receipts are asked for.
ALTER TABLE accounts ADD COLUMN callback_secret bytea;
