-- 0005: what former states take and when they leave, as the nightly work counted it: a page asks these few rows, never
-- the ledger. Derived: the next count says it anew.

CREATE TABLE footprint (                 -- what somebody's former states come to
  person_id INTEGER NOT NULL,            -- whose; 0: nobody's any more
  kind TEXT NOT NULL,                    -- file | object (former states of files; of contacts and events) |
                                         -- copy (second copies of what is here now) | later (of file: what leaves after the forecast)
  states INTEGER NOT NULL, size_bytes INTEGER NOT NULL,
  PRIMARY KEY (person_id, kind)
) WITHOUT ROWID, STRICT;

CREATE TABLE departure (                 -- former states of files that leave within the forecast, a row for each content
  content_id INTEGER PRIMARY KEY,
  seq INTEGER NOT NULL,                  -- the newest version that has it: kept, it stays
  person_id INTEGER NOT NULL,
  day TEXT NOT NULL,                     -- ISO, in the household's zone; the night that follows lets go
  size INTEGER NOT NULL
) STRICT;
CREATE INDEX departure_day ON departure (day, person_id, seq, size);         -- the forecast reads this alone
CREATE INDEX kept_at ON kept (at);                       -- what one press of a button kept, to take it back
