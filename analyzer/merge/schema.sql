-- SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
--
-- survey.db: what one survey found. Written whole by `fgft merge` (to a temporary file, then renamed) and
-- only read afterwards: by `fgft report`, `rank`, `protect`, `explain`, and by hand. Lists are words separated
-- by one space, sorted. Paths are relative to the kernel's source tree. Words are those of docs/semantics.md.

-- What the survey was made from: tool_version, schema_version, kernel_version, scope, inputs (a hash of all that
-- decides the rows: the facts' keys, the model, the program), extent: 'all', or 'pm' where only PM coverage was looked at,
-- entry_point and effect are empty, and of a driver pm_style, entry_points, candidates and its restore rows; and
-- not_built = "not recorded" where a compile database came without a list of the files that are not built.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- The kernel configurations surveyed together.
CREATE TABLE config (
  name TEXT PRIMARY KEY,          -- e.g. x86_64; what drivers.configs and the other tables name
  arch TEXT NOT NULL,
  kernel_release TEXT NOT NULL,   -- e.g. 6.12.117
  config_hash TEXT NOT NULL       -- of the .config read
) WITHOUT ROWID;

-- Every translation unit that the compile commands name.
CREATE TABLE tu (
  id INTEGER PRIMARY KEY,
  config TEXT NOT NULL REFERENCES config(name),
  file TEXT NOT NULL,
  output TEXT NOT NULL,           -- the object file: what tells two compilations of one file apart
  key TEXT NOT NULL,              -- names the facts file; empty where there is none
  status TEXT NOT NULL CHECK (status IN ('ok', 'failed', 'crashed', 'timeout', 'missing')),
  message TEXT NOT NULL,          -- why it is not ok: the first error, the signal, the limit
  command TEXT NOT NULL           -- the command line, kept for those that are not ok
);
CREATE UNIQUE INDEX tu_identity ON tu(config, output);

-- Kbuild modules (KBUILD_MODFILE); a TU may belong to several.
CREATE TABLE module (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,      -- e.g. drivers/net/ethernet/realtek/8139cp
  -- A hash of the module's rows in the tables below, without ids: modules of two surveys with the same hash have the
  -- same rows. Empty: not known. A change to one of the rows empties it, by triggers that merge makes when all rows are in.
  content TEXT NOT NULL DEFAULT ''
);
CREATE TABLE module_tu (
  module INTEGER NOT NULL REFERENCES module(id),
  tu INTEGER NOT NULL REFERENCES tu(id),
  PRIMARY KEY (module, tu)
) WITHOUT ROWID;

-- C files of the scope that a configuration does not compile.
CREATE TABLE not_built (config TEXT NOT NULL, file TEXT NOT NULL, PRIMARY KEY (config, file)) WITHOUT ROWID;

-- One row for each registration with a bus, and one with bus 'none' for a module that makes none: drivers.csv.
CREATE TABLE driver (
  id INTEGER PRIMARY KEY,
  class TEXT NOT NULL,            -- by the API it registers with, else the directory's
  class_dir TEXT NOT NULL,        -- by the source directory
  bus TEXT NOT NULL,
  module TEXT NOT NULL,           -- module.name
  driver TEXT NOT NULL,           -- the registration variable: cp_driver, x[2], x.member
  name TEXT NOT NULL,             -- its name string
  file TEXT NOT NULL,
  line INTEGER NOT NULL,
  configs TEXT NOT NULL,
  registration TEXT NOT NULL,     -- the call or macro that registers it
  pm TEXT NOT NULL CHECK (pm IN ('full', 'suspend-only', 'resume-only', 'runtime-only', 'core', 'none', 'unknown')),
  pm_phases TEXT NOT NULL,
  pm_how TEXT NOT NULL,           -- macro, member, legacy, assigned, core
  pm_style TEXT NOT NULL,
  suspend_fn TEXT NOT NULL,
  resume_fn TEXT NOT NULL,
  entry_points INTEGER,           -- NULL: not analysed (meta.extent)
  candidates INTEGER,
  reason TEXT NOT NULL
);
CREATE UNIQUE INDEX driver_identity ON driver(module, file, driver, bus);
CREATE INDEX driver_class ON driver(class, bus);

-- What a maintainer should look at: a legacy hook that is never called, one half missing, ...
CREATE TABLE finding (
  driver INTEGER NOT NULL REFERENCES driver(id),
  kind TEXT NOT NULL,             -- shadowed-legacy-hook, dead-legacy-hook, suspend-without-resume, ...
  file TEXT NOT NULL,
  line INTEGER NOT NULL,
  message TEXT NOT NULL
);
CREATE INDEX finding_driver ON finding(driver);

-- What a checkpoint made of a driver's suspend and resume needs to know. Whether resume may run in atomic context; no
-- row: it has no resume of its own.
CREATE TABLE restore (
  driver INTEGER PRIMARY KEY REFERENCES driver(id),
  atomic TEXT NOT NULL CHECK (atomic IN ('yes', 'no', 'maybe', 'unknown'))
);

-- The places of the device that resume writes.
CREATE TABLE restore_location (
  driver INTEGER NOT NULL REFERENCES driver(id),
  base TEXT NOT NULL,             -- the member that holds the registers' base; empty: not known
  offset TEXT NOT NULL,           -- a number, or a member of a struct of registers; empty: not constant
  name TEXT NOT NULL,             -- as the source names it, else the function that writes
  how TEXT NOT NULL CHECK (how IN ('saved', 'memory', 'constant', 'computed')),
  -- what is written: what suspend has read there, driver memory, a constant, anything else
  PRIMARY KEY (driver, base, offset, name, how)
) WITHOUT ROWID;

-- Calls that suspend makes, at any depth, which power the device down, withdraw or free something: candidates to be
-- dropped from a checkpoint.
CREATE TABLE restore_call (
  driver INTEGER NOT NULL REFERENCES driver(id),
  function TEXT NOT NULL,
  effect TEXT NOT NULL,           -- dev-power, free, unregister, power-off
  file TEXT NOT NULL,
  line INTEGER NOT NULL,
  PRIMARY KEY (driver, function, effect, file, line)
) WITHOUT ROWID;

-- The three tables above in words, a line each.
CREATE VIEW restore_line AS
SELECT driver, 1 AS part, 'restore may run in atomic context: ' || atomic AS line FROM restore
UNION ALL
SELECT driver, 2, 'resume writes ' || how || ': ' || group_concat(name, ', ')
FROM (SELECT DISTINCT driver, how, name FROM restore_location ORDER BY driver, how, name) GROUP BY driver, how
UNION ALL
SELECT driver, 3, 'suspend calls ' || function || '() (' || effect || ', ' || file || ':' || line ||
       '), which a checkpoint may drop'
FROM restore_call;

-- Entry points (entry_points.csv).
CREATE TABLE entry_point (
  id INTEGER PRIMARY KEY,
  class TEXT NOT NULL,
  module TEXT NOT NULL,
  driver TEXT NOT NULL,           -- registration variables of the module's drivers that it belongs to
  function TEXT NOT NULL,
  kind TEXT NOT NULL,
  ops TEXT NOT NULL,              -- struct.member, or the kernel function that takes the call-back
  file TEXT NOT NULL,
  line INTEGER NOT NULL,
  effects TEXT NOT NULL,
  reversibility TEXT NOT NULL,
  checkpoint TEXT NOT NULL,
  sleeps TEXT NOT NULL,
  atomic TEXT NOT NULL,
  score TEXT NOT NULL,
  rank TEXT NOT NULL,
  reason TEXT NOT NULL,
  candidate TEXT NOT NULL CHECK (candidate IN ('yes', 'no', 'unknown')),
  obstacles TEXT NOT NULL         -- what keeps it from being a candidate: lines of why, tab, what would change that
);
CREATE UNIQUE INDEX entry_point_identity ON entry_point(module, function, kind);

-- One shortest call path for each effect of an entry point and each kind of evidence for it, one for each unknown
-- name (effects.csv).
CREATE TABLE effect (
  module TEXT NOT NULL,
  function TEXT NOT NULL,
  effect TEXT NOT NULL,           -- a word, or 'unknown'
  callee_or_register TEXT NOT NULL,
  file TEXT NOT NULL,
  line INTEGER NOT NULL,
  path TEXT NOT NULL,
  evidence TEXT NOT NULL,         -- api, dataflow, name; empty: unknown
  why TEXT NOT NULL,
  PRIMARY KEY (module, function, effect, evidence, callee_or_register)
) WITHOUT ROWID;

-- classes.csv: `full` etc. count drivers; partial = suspend-only + resume-only; percent = 100*(full+core)/drivers.
CREATE VIEW class_summary AS
SELECT class, bus, COUNT(*) AS drivers,
       SUM(pm = 'full') AS full,
       SUM(pm IN ('suspend-only', 'resume-only')) AS partial,
       SUM(pm = 'runtime-only') AS runtime_only,
       SUM(pm = 'core') AS core,
       SUM(pm = 'none') AS none,
       SUM(pm = 'unknown') AS unknown,
       100.0 * SUM(pm IN ('full', 'core')) / COUNT(*) AS percent
FROM driver GROUP BY class, bus;
