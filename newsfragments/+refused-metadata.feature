A conditional PUT without metadata that is refused takes no metadata away.
