The embedded PFS answers every call of pfs_v2 and auth_v2 about versioned data as a pachd 2.12 does, errors included, so that pachctl and other programs for Pachyderm can use it.
