"""The HTTP edge: problems, identity, idempotency, waiting, pages, streams, files and uploads."""
