Every error says what to do about it.
