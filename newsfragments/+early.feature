What no index shows yet is read from pachd with one round of calls after the head: the facts of an object and its bytes are asked for at the same time.
