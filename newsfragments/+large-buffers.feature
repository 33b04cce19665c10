Reading large objects from a pachd takes less memory, and gives it back at once.
