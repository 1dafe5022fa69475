-- 0001: the ledger, its derived tables, and the household.
-- Times are integer microseconds since 1970, UTC. `op`, `kind`, `place` are words: somebody reads this in ten years.
-- No foreign keys on hot tables: a test checks them instead. WITHOUT ROWID only where the key is the row and rows are small.

CREATE TABLE epoch (                     -- one monotone stretch of clock and sequence; never pruned
  id         TEXT PRIMARY KEY,           -- 8 random base32 letters
  first_seq  INTEGER NOT NULL,           -- first seq that may be written in it
  last_seq   INTEGER,                    -- NULL while open; closed = max(seq) found at that time
  opened_at  INTEGER NOT NULL,
  reason     TEXT NOT NULL               -- new | start | clock | restored | released
) STRICT;
CREATE UNIQUE INDEX epoch_open ON epoch ((last_seq IS NULL)) WHERE last_seq IS NULL;   -- only one is open
CREATE INDEX epoch_first ON epoch (first_seq);           -- seq -> epoch, for ETags and tokens (cache it in memory: it is tiny)

CREATE TABLE batch (                     -- what one press of a button, one MOVE, one import did
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, at INTEGER NOT NULL, device_id INTEGER, person_id INTEGER,
  first_seq INTEGER, last_seq INTEGER,   -- its rows lie between them (others' may too): no index on version needed
  state TEXT NOT NULL,                   -- planned | running | done | stopped: a restore resumes after a power cut
  undoes INTEGER, plan TEXT              -- the batch that this one takes back; the plan as JSON until done
) STRICT;

CREATE TABLE resource (                  -- identity; survives MOVE, DELETE, restore
  id            INTEGER PRIMARY KEY,
  kind          TEXT NOT NULL,           -- card | event | file | folder | addressbook | calendar | home | mount
  collection_id INTEGER,                 -- where it lives, or lived last
  uid           TEXT,                    -- of its current body
  alive         INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE UNIQUE INDEX resource_uid      ON resource (collection_id, uid) WHERE alive = 1 AND uid IS NOT NULL;  -- RFC 4791/6352 no-uid-conflict
CREATE INDEX        resource_uid_dead ON resource (collection_id, uid) WHERE alive = 0 AND uid IS NOT NULL;  -- re-creation finds its old identity

CREATE TABLE collection (                -- a resource that has members: root, home, book, calendar, folder; id = resource.id
  id INTEGER PRIMARY KEY, parent_id INTEGER, owner_id INTEGER, kind TEXT NOT NULL,
  member_seq    INTEGER NOT NULL,        -- last change of a direct member: ctag and sync token, one read
  subtree_seq   INTEGER NOT NULL,        -- last change anywhere below: folder ETag, infinite sync
  subtree_bytes INTEGER NOT NULL DEFAULT 0   -- live bytes below: quota, folder size
) STRICT;
CREATE INDEX collection_parent ON collection (parent_id, subtree_seq);   -- "which folders below changed since S"

CREATE TABLE content (                   -- a body, once
  id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, size INTEGER NOT NULL,
  place TEXT NOT NULL,                   -- row | live (the bytes are the live file's, nowhere else) | blob | clone | none (thinned)
  blob_name TEXT,                        -- <digest>.<n>, n counts re-creations: a name is never reused after removal
  removed_at INTEGER,
  body BLOB                              -- last column: never touched by listings
) STRICT;

CREATE TABLE version (                   -- THE LEDGER. Appended; only until_seq is filled in later, once
  seq           INTEGER PRIMARY KEY,     -- max+1 inside BEGIN IMMEDIATE; rows are never deleted, so no AUTOINCREMENT
  until_seq     INTEGER,                 -- seq of the same resource's next row
  resource_id   INTEGER NOT NULL,
  collection_id INTEGER NOT NULL,        -- direct parent
  name          TEXT NOT NULL,           -- one segment
  op            TEXT NOT NULL,           -- put make delete leave move copy props import restore observe share unshare
  alive         INTEGER NOT NULL,        -- 0: after this row the resource is not at this place
  body_seq      INTEGER NOT NULL,        -- row that last changed the body: the ETag
  base_seq      INTEGER,                 -- body_seq that the writer had seen (If-Match); NULL: unconditional
  content_id    INTEGER, size INTEGER, modified_at INTEGER,
  etag          TEXT,                    -- NULL: derived; a change seen on disk keeps the provisional one it was shown with (protocol.md B1)
  at            INTEGER NOT NULL,        -- monotone within its epoch
  device_id     INTEGER,                 -- NULL: the disk itself; pages and command line have devices of their own
  batch_id      INTEGER, note TEXT
) STRICT;
CREATE INDEX version_resource ON version (resource_id, seq);                             -- history of one; its open row is the last
CREATE INDEX version_until    ON version (collection_id, until_seq, seq) WHERE alive = 1;-- state at a recent S
CREATE INDEX version_change   ON version (collection_id, seq);                           -- timeline of a collection; state at an old S
CREATE INDEX version_device   ON version (device_id, seq) WHERE device_id IS NOT NULL;   -- rewind, activity of a device

CREATE TABLE member (                    -- derived: what a name means NOW. Rebuildable from version; a test compares
  collection_id INTEGER NOT NULL, name TEXT NOT NULL,
  seq INTEGER NOT NULL,                  -- last row that sync must report: mapping or body, not props
  resource_id INTEGER NOT NULL, kind TEXT NOT NULL, body_seq INTEGER NOT NULL,
  content_id INTEGER, size INTEGER, modified_at INTEGER,
  etag TEXT,                             -- version.etag of the body: a listing needs no join
  nfc TEXT,                              -- NFC of the name, only where the name is not NFC itself (macOS)
  PRIMARY KEY (collection_id, name)
) WITHOUT ROWID, STRICT;
CREATE INDEX member_seq      ON member (collection_id, seq);                 -- changes since S, page by page
CREATE INDEX member_resource ON member (resource_id);                        -- id -> address (links, oc:fileid, watcher's renames)
CREATE INDEX member_nfc      ON member (collection_id, nfc) WHERE nfc IS NOT NULL;
CREATE TABLE gone (                      -- derived: names that meant something and do not now
  collection_id INTEGER NOT NULL, name TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (collection_id, name)
) WITHOUT ROWID, STRICT;
CREATE INDEX gone_seq ON gone (collection_id, seq);

CREATE TABLE property (                  -- all stored properties: displayname, colour, order, timezone, Win32 times, dead ones
  resource_id INTEGER NOT NULL, name TEXT NOT NULL,     -- {namespace}local
  seq INTEGER NOT NULL, until_seq INTEGER, value TEXT,  -- XML as sent, xml:lang kept
  PRIMARY KEY (resource_id, name, seq)
) WITHOUT ROWID, STRICT;
CREATE UNIQUE INDEX property_open ON property (resource_id, name) WHERE until_seq IS NULL;

CREATE TABLE mount (                     -- what a resource of kind mount shows, and with which right
  resource_id INTEGER NOT NULL, seq INTEGER NOT NULL, until_seq INTEGER,
  target_id INTEGER NOT NULL, access TEXT NOT NULL,     -- read | write
  PRIMARY KEY (resource_id, seq)
) WITHOUT ROWID, STRICT;
CREATE INDEX mount_target ON mount (target_id) WHERE until_seq IS NULL;     -- who sees this; whose caches to refresh

CREATE TABLE refused (                   -- promise 5; never part of any state
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, after_seq INTEGER NOT NULL, device_id INTEGER,
  collection_id INTEGER NOT NULL, name TEXT NOT NULL, resource_id INTEGER, uid TEXT,
  method TEXT NOT NULL, status INTEGER NOT NULL, reason TEXT NOT NULL,
  base_seq INTEGER, content_id INTEGER,  -- content counts as referenced until settled and past its date; NULL: too large to keep
  times INTEGER NOT NULL DEFAULT 1,      -- phones send a refused body again at each sync: one row for (device, name, body)
  settled_at INTEGER, settled_seq INTEGER
) STRICT;
CREATE INDEX refused_open ON refused (collection_id, at) WHERE settled_at IS NULL;
CREATE INDEX refused_device ON refused (device_id, collection_id, name);

CREATE TABLE lock (                      -- not ledgered, not restored; survives a restart
  token TEXT PRIMARY KEY, resource_id INTEGER NOT NULL, depth TEXT NOT NULL, scope TEXT NOT NULL,
  owner TEXT, person_id INTEGER NOT NULL, device_id INTEGER NOT NULL, expires_at INTEGER NOT NULL   -- the person holds it (protocol.md D2)
) STRICT;
CREATE INDEX lock_resource ON lock (resource_id);

CREATE TABLE disk (                      -- derived: what a scan last saw; a folder's move touches no row here
  resource_id INTEGER PRIMARY KEY, fs TEXT NOT NULL, inode INTEGER, size INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL, scan INTEGER NOT NULL,
  covered INTEGER NOT NULL               -- 0: old content is not in the store; the page says why
) STRICT;
CREATE INDEX disk_inode ON disk (fs, inode) WHERE inode IS NOT NULL;        -- renames behind our back

CREATE TABLE fact (                      -- derived from a body, so it never expires: survives restore, shared by dedupe
  content_id INTEGER PRIMARY KEY, reader INTEGER NOT NULL,   -- version of our reader; older = recompute in the background
  component TEXT, uid TEXT, title TEXT, first_at INTEGER, last_at INTEGER, longest INTEGER, recurring INTEGER, floating INTEGER,
  fault TEXT                             -- why it is flagged, in words; NULL: nothing to say
) STRICT;
CREATE TABLE span (                      -- derived: live calendar members
  resource_id INTEGER PRIMARY KEY, collection_id INTEGER NOT NULL, first_at INTEGER NOT NULL, last_at INTEGER,   -- NULL: for ever
  listed_from INTEGER NOT NULL, listed_to INTEGER NOT NULL,  -- the part of it that instance holds
  longest INTEGER NOT NULL, recurring INTEGER NOT NULL,
  floating INTEGER NOT NULL,             -- local times stored as if UTC: asked 26 h wider and judged exactly (protocol E1)
  component TEXT NOT NULL
) STRICT;
CREATE INDEX span_recurring ON span (collection_id, last_at) WHERE recurring = 1;
CREATE INDEX span_long      ON span (collection_id, last_at) WHERE longest > 2678400000000;   -- longer than 31 days
CREATE TABLE instance (
  collection_id INTEGER NOT NULL, start_at INTEGER NOT NULL, resource_id INTEGER NOT NULL, end_at INTEGER NOT NULL,
  busy TEXT NOT NULL,                    -- BUSY | BUSY-TENTATIVE | BUSY-UNAVAILABLE | FREE: free-busy needs no parse
  PRIMARY KEY (collection_id, start_at, resource_id, end_at)
) WITHOUT ROWID, STRICT;
CREATE INDEX instance_resource ON instance (resource_id);

-- The household. The roots of the address space are collections too: 1 is the root, below it one node for each tree.
CREATE TABLE setting (                   -- what is chosen once and kept with the data: time zone, language
  name TEXT PRIMARY KEY, value TEXT NOT NULL
) STRICT;
CREATE TABLE person (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,     -- the slug in addresses and the login
  display_name TEXT NOT NULL, uuid TEXT NOT NULL UNIQUE, mail TEXT,
  household INTEGER NOT NULL DEFAULT 0,  -- 1: the household's own principal, which owns what is shared and cannot sign in
  admin INTEGER NOT NULL DEFAULT 0, password_hash TEXT,  -- argon2id; NULL: devices only, no pages
  quota_bytes INTEGER,                   -- NULL: the disk is the limit
  addressbook_home_id INTEGER NOT NULL, calendar_home_id INTEGER NOT NULL, files_home_id INTEGER NOT NULL,
  created_at INTEGER NOT NULL, disabled_at INTEGER
) STRICT;
CREATE UNIQUE INDEX person_household ON person (household) WHERE household = 1;
CREATE TABLE device (
  id INTEGER PRIMARY KEY, person_id INTEGER NOT NULL, label TEXT NOT NULL,
  kind TEXT NOT NULL,                    -- phone (any DAV client) | pages | shell
  prefix TEXT UNIQUE, secret BLOB,       -- public part of the password; HMAC-SHA256 of the whole. NULL: no password
  created_at INTEGER NOT NULL, revoked_at INTEGER,
  last_seen_at INTEGER, last_address TEXT, last_agent TEXT
) STRICT;
CREATE INDEX device_person ON device (person_id);
