-- The constraints of 0007 and 0009 for rows that were there before them: looked through while others read and write.

ALTER TABLE events VALIDATE CONSTRAINT event_outcome_is_known;
ALTER TABLE notifications VALIDATE CONSTRAINT notification_channel_is_known;
ALTER TABLE notifications VALIDATE CONSTRAINT viber_goes_with_its_channel;
