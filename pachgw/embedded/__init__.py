"""
A PFS in this process: the pfs_v2 servicer over a catalogue in SQLite and content-addressed chunks.
"""
