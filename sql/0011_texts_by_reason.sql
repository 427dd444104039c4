-- Why texts did not go or arrive: those of one reason, the newest first.
CREATE INDEX CONCURRENTLY notifications_ended_for_a_reason ON notifications (account, ended_as, reason, id)
WHERE ended_as IS NOT NULL;
