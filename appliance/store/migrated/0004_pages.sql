-- 0004: the household's pages: who is signed in, links that work once, phones on their way in and what was seen of them,
-- and what an administrator did. None of it is in the ledger: nobody wants it back.

ALTER TABLE person ADD COLUMN language TEXT;             -- ko | en; NULL: the household's
ALTER TABLE person ADD COLUMN theme TEXT;                -- light | dark; NULL: what the browser prefers

CREATE TABLE session (                   -- somebody signed in to the pages with one browser
  id INTEGER PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE,           -- SHA-256 of the cookie's token, which has 256 random bits
  person_id INTEGER NOT NULL,
  device_id INTEGER NOT NULL,            -- the person's device of kind pages: it signs what is changed
  phone_id INTEGER,                      -- the phone whose browser it is, where that is known: lost with it
  created_at INTEGER NOT NULL,
  confirmed_at INTEGER NOT NULL,         -- when the password was last typed
  seen_at INTEGER NOT NULL, address TEXT NOT NULL, agent TEXT NOT NULL
) STRICT;
CREATE INDEX session_person ON session (person_id);

CREATE TABLE invitation (                -- a link by which somebody chooses a password, once
  id INTEGER PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE,           -- SHA-256 of the token in the link
  person_id INTEGER NOT NULL, made_by INTEGER NOT NULL,  -- made_by: the administrator's device
  made_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
  used_at INTEGER, revoked_at INTEGER
) STRICT;
CREATE INDEX invitation_person ON invitation (person_id);

CREATE TABLE pairing (                   -- a code by which one phone is connected
  id INTEGER PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE,           -- HMAC-SHA256 of the code with the box's key
  person_id INTEGER NOT NULL, made_by INTEGER NOT NULL,
  made_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, revoked_at INTEGER,
  replaces_id INTEGER,                   -- the device in whose place the new one comes
  opened_at INTEGER, opened_address TEXT, opened_agent TEXT,
  device_id INTEGER, given_at INTEGER, way TEXT          -- the device made for it; profile | davx5 | plain
) STRICT;
CREATE INDEX pairing_person ON pairing (person_id);
CREATE INDEX pairing_device ON pairing (device_id) WHERE device_id IS NOT NULL;

ALTER TABLE device ADD COLUMN first_seen_at INTEGER;
ALTER TABLE device ADD COLUMN clock_seconds INTEGER;     -- how far its clock was ahead when it last told; NULL: it never does
UPDATE device SET first_seen_at = last_seen_at;          -- not known better

CREATE TABLE knock (                     -- who was not let in, by the name that was used and where it came from
  person_id INTEGER NOT NULL, network TEXT NOT NULL,
  device_id INTEGER,                     -- the device whose password was nearly or wholly right; NULL: nobody's
  reason TEXT NOT NULL,                  -- password | user | shut out
  first_at INTEGER NOT NULL, last_at INTEGER NOT NULL, times INTEGER NOT NULL, agent TEXT NOT NULL,
  PRIMARY KEY (person_id, network)
) WITHOUT ROWID, STRICT;

CREATE TABLE synced (                    -- what a device was told of an address book or a calendar
  device_id INTEGER NOT NULL, collection_id INTEGER NOT NULL,
  first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,
  seq INTEGER,                           -- of the newest token that it was given; NULL: it lists without tokens
  fetched INTEGER NOT NULL,              -- entries whose octets it took, as often as it took them
  fetched_first_at INTEGER,
  PRIMARY KEY (device_id, collection_id)
) WITHOUT ROWID, STRICT;

CREATE TABLE audit (                     -- what lets somebody in or shuts somebody out, and who did it
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL,
  person_id INTEGER, device_id INTEGER,  -- who, with what; NULL: whoever held a code or a link
  act TEXT NOT NULL,                     -- one of household/audit.py
  about_person_id INTEGER, about_device_id INTEGER
) STRICT;
