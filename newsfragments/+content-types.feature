An object that was written without a content type has one by its name, else by its first bytes; user metadata may hold any text.
