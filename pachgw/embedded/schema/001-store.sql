-- What trees and files are made of. Rows are never changed, only added and, by the garbage collection, removed.

-- Nodes of trees and long lists of chunks, in the format of pachgw/embedded/nodes.py and entries.py.
CREATE TABLE nodes (
    number INTEGER PRIMARY KEY, -- in order of arrival, so that new rows lie together
    id BLOB NOT NULL UNIQUE,    -- BLAKE2b-256 of body
    body BLOB NOT NULL
);

-- Small chunks. Larger ones are files, see pachgw/embedded/chunks.py.
CREATE TABLE chunks (
    number INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,  -- BLAKE2b-256 of content
    content BLOB NOT NULL
);
