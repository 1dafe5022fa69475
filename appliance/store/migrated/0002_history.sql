-- 0002: what only history needs: names in the past, chunks, removals in their grace, alarms.

CREATE INDEX version_name ON version (collection_id, name, seq);             -- one name at S (Q6b), and who ever had it

CREATE TABLE chunk (                     -- a piece of one or more bodies, once; its file is below store/
  id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE,   -- BLAKE3 of the octets before packing
  size INTEGER NOT NULL, stored_bytes INTEGER NOT NULL,
  packing TEXT NOT NULL,                 -- raw | zstd
  blob_name TEXT NOT NULL
) STRICT;
CREATE TABLE piece (                     -- which chunks a body of place `chunks` is made of
  content_id INTEGER NOT NULL, start INTEGER NOT NULL, chunk_id INTEGER NOT NULL,
  PRIMARY KEY (content_id, start)
) WITHOUT ROWID, STRICT;
CREATE INDEX piece_chunk ON piece (chunk_id);            -- whether anything still needs a chunk

CREATE TABLE leaving (                   -- files of the store whose rows are gone: unlinked after the grace
  blob_name TEXT PRIMARY KEY, removed_at INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

CREATE TABLE alarm (                     -- what somebody should know and may cure; one row for a kind and its subject
  kind TEXT NOT NULL, subject TEXT NOT NULL,
  first_at INTEGER NOT NULL, last_at INTEGER NOT NULL, times INTEGER NOT NULL,
  sentence TEXT NOT NULL,                -- what is wrong and what to do, in words
  PRIMARY KEY (kind, subject)
) WITHOUT ROWID, STRICT;

CREATE TABLE kept (                      -- versions that somebody said are to stay, whatever retention decides
  seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, device_id INTEGER
) STRICT;
CREATE INDEX refused_here ON refused (collection_id, id);                    -- refused edits of a timeline, the newest first
CREATE INDEX refused_by   ON refused (device_id, id);

UPDATE disk SET fs = '';                                 -- the device number: another one after each mount, so it says nothing

CREATE INDEX member_content ON member (content_id) WHERE content_id IS NOT NULL;   -- which live files have a content
CREATE INDEX disk_uncovered ON disk (resource_id) WHERE covered = 0;         -- what is still to be taken into the store

CREATE TABLE hold (                      -- a sign that this box was set back to an older state; never removed
  id INTEGER PRIMARY KEY,
  device_id INTEGER,                     -- NULL: proven, for all address books and calendars; else a doubt: only for this device ...
  collection_id INTEGER,                 -- ... in this collection; NULL: in one that is not here
  address TEXT NOT NULL,                 -- where the sign was seen, below /dav/; empty: at the start
  since_at INTEGER NOT NULL,
  common_seq INTEGER NOT NULL,           -- the last seq that the lost history has as well; 0: not known
  newest_device INTEGER NOT NULL         -- devices that were added later know nothing of the lost history
) STRICT;
CREATE INDEX hold_device ON hold (device_id);
CREATE TABLE sign (                      -- what showed it; device 0: the witness. One row for a device, an address and an epoch
  hold_id INTEGER NOT NULL, device_id INTEGER NOT NULL, address TEXT NOT NULL, epoch TEXT NOT NULL,
  kind TEXT NOT NULL,                    -- mark | token | etag | missing (asked for, never here) | listing (it only lists)
  seq INTEGER NOT NULL, home_id INTEGER, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,
  PRIMARY KEY (hold_id, device_id, address, epoch, kind)
) WITHOUT ROWID, STRICT;
CREATE TABLE decision (                  -- how its owner ended a hold or a part of it; of those that fit, the newest counts
  id INTEGER PRIMARY KEY, hold_id INTEGER NOT NULL,
  device_id INTEGER, collection_id INTEGER,    -- NULL: all
  choice TEXT NOT NULL,                  -- keep | accept
  at INTEGER NOT NULL, seq INTEGER NOT NULL    -- collections made after this seq were never part of it
) STRICT;
CREATE INDEX decision_hold ON decision (hold_id);
