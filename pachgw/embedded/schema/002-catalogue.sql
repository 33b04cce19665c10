-- What the store holds and who may see it. Times are nanoseconds since 1970, UTC. Texts of names are as clients wrote them.

CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value NOT NULL
) WITHOUT ROWID;

CREATE TABLE projects (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL,
    created INTEGER NOT NULL,
    created_by TEXT NOT NULL            -- a principal, or empty while auth is off
);

CREATE TABLE repos (
    number INTEGER PRIMARY KEY,
    project INTEGER NOT NULL REFERENCES projects,
    name TEXT NOT NULL,
    type TEXT NOT NULL,                 -- 'user', or a pipeline's 'spec' or 'meta'
    description TEXT NOT NULL,
    created INTEGER NOT NULL,
    UNIQUE (project, name, type)
);

CREATE TABLE commits (
    number INTEGER PRIMARY KEY AUTOINCREMENT, -- in order of creation
    repo INTEGER NOT NULL REFERENCES repos,
    id TEXT NOT NULL,                   -- 32 hex digits, shared by the commits of a set
    branch TEXT NOT NULL,               -- the name of the branch on which it was made; empty once that was deleted
    parent INTEGER REFERENCES commits,
    origin INTEGER NOT NULL,            -- pfs_v2.OriginKind
    description TEXT NOT NULL,
    started INTEGER NOT NULL,
    finishing INTEGER,                  -- NULL while it may be written to
    finished INTEGER,                   -- NULL until its content is settled
    updated INTEGER NOT NULL,
    error TEXT NOT NULL,
    created_by TEXT NOT NULL,
    size INTEGER NOT NULL,              -- bytes, once finished
    compacted INTEGER NOT NULL,         -- whether it was finished by somebody, and so has times for it
    diff BLOB,                          -- root of what was written into it, in the form of a file set; NULL for nothing
    tree BLOB,                          -- root of its content; NULL while that is not known, since a parent is open
    base BLOB,                          -- root of what a child starts from: its content, or its parent's if it finished with an error
    UNIQUE (repo, id)
);
CREATE INDEX commits_by_parent ON commits (parent) WHERE parent IS NOT NULL;
CREATE INDEX commits_by_id ON commits (id);

CREATE TABLE commit_provenance (
    downstream INTEGER NOT NULL REFERENCES commits ON DELETE CASCADE,
    upstream INTEGER NOT NULL REFERENCES commits ON DELETE CASCADE,
    PRIMARY KEY (downstream, upstream)
) WITHOUT ROWID;
CREATE INDEX commit_subvenance ON commit_provenance (upstream);

CREATE TABLE branches (
    number INTEGER PRIMARY KEY AUTOINCREMENT, -- in order of creation
    repo INTEGER NOT NULL REFERENCES repos,
    name TEXT NOT NULL,
    head INTEGER NOT NULL REFERENCES commits,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    "trigger" BLOB,                     -- a pfs_v2.Trigger, or NULL
    UNIQUE (repo, name)
);
CREATE INDEX branches_by_head ON branches (head);

CREATE TABLE branch_provenance (
    downstream INTEGER NOT NULL REFERENCES branches ON DELETE CASCADE,
    upstream INTEGER NOT NULL REFERENCES branches ON DELETE CASCADE,
    never INTEGER NOT NULL,             -- whether commits upstream start none downstream
    PRIMARY KEY (downstream, upstream)
) WITHOUT ROWID;
CREATE INDEX branch_subvenance ON branch_provenance (upstream);

CREATE TABLE file_sets (
    id TEXT PRIMARY KEY,
    root BLOB NOT NULL,                 -- see pachgw/embedded/layers.py
    expires INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX file_sets_by_expiry ON file_sets (expires);

CREATE TABLE tokens (
    hash BLOB PRIMARY KEY,              -- keyed, see pachgw/embedded/authority.py
    principal TEXT NOT NULL,
    expires INTEGER                     -- NULL for never
) WITHOUT ROWID;

-- What may have role bindings. A resource without a row here is refused, one without bindings is not.
CREATE TABLE resources (
    number INTEGER PRIMARY KEY,
    type INTEGER NOT NULL,              -- auth_v2.ResourceType
    name TEXT NOT NULL,
    UNIQUE (type, name)
);

CREATE TABLE bindings (
    resource INTEGER NOT NULL REFERENCES resources ON DELETE CASCADE,
    principal TEXT NOT NULL,
    role TEXT NOT NULL,
    PRIMARY KEY (resource, principal, role)
) WITHOUT ROWID;
