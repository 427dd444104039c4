-- Bodies of dead letters are few and short-lived: to compress them costs more than it saves.
ALTER TABLE dead_letters ALTER COLUMN body SET STORAGE EXTERNAL;
