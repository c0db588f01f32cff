"""One connection under every engine: the seam, transactions as savepoints, raw work."""
