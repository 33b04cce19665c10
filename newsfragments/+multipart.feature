Multipart uploads: parts are durable when acknowledged, survive the gateway and may be continued by another one; completing joins them by reference and may be repeated.
