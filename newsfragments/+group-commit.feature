PUTs, DELETEs and DeleteObjects that are in flight together share one commit; a key that collides with another fails alone, and nothing acknowledged is lost.
