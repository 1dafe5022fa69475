-- 0003: alarms have a number, a cause that may go, and somebody who saw them; a batch says what was asked for.

CREATE TABLE numbered_alarm (            -- what somebody should know and may cure; one row for a kind and its subject
  id INTEGER PRIMARY KEY AUTOINCREMENT,  -- rows go, so a number is never used again: whoever acknowledges one means that one
  kind TEXT NOT NULL, subject TEXT NOT NULL,
  first_at INTEGER NOT NULL, last_at INTEGER NOT NULL, times INTEGER NOT NULL,
  sentence TEXT NOT NULL,                -- what is wrong and what to do, in words
  about_id INTEGER,                      -- what must be back for it to be settled: vanished, the batch; uncovered, the content
  acknowledged_at INTEGER, acknowledged_by INTEGER,      -- when, and through which device; NULL: it waits
  UNIQUE (kind, subject)
) STRICT;
INSERT INTO numbered_alarm (kind, subject, first_at, last_at, times, sentence)
  SELECT kind, subject, first_at, last_at, times, sentence FROM alarm ORDER BY first_at, kind, subject;
DROP TABLE alarm;
ALTER TABLE numbered_alarm RENAME TO alarm;

ALTER TABLE batch ADD COLUMN about TEXT;                 -- what was asked for, as JSON: of what, until when, from where
