"""Use cases. Each takes the open unit of work; only the edge commits."""
