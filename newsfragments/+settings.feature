``--index-memory`` bounds the memory for indexes; ``--remember-rights`` lets a gateway rely on pachd's answer about a right for some seconds.
