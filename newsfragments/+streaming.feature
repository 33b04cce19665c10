Bodies stream in both directions with backpressure; a request is looked at before its body is asked for.
