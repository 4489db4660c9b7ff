"""What a document is and what may happen to it; standard library only."""
