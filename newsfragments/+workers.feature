``--workers N`` serves S3 by N processes on the same sockets, with one store behind them; one that dies is replaced, and their metrics are summed.
