The embedded store loses nothing that was acknowledged when the process or the machine dies or the disk is full, and frees what nothing refers to while it serves.
