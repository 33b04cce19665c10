Metadata, checksums and the parts of uploads hardly cost a commit more: they share one that stays open for some seconds, on an embedded store for a moment.
