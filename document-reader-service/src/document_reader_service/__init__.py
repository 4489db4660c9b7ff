"""Reads uploaded documents, makes cited notes of them, and tells the platform about both."""
