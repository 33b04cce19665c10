Small reads from the embedded store take no detour over another thread while nothing changes.
