Last-Modified is when an object changed, not when its branch last did, as far as the gateway has followed it.
