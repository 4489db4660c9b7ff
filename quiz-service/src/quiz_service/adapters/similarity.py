"""Edit similarity by rapidfuzz: transposed neighbours count as one slip."""

from rapidfuzz.distance import OSA


def edit_similarity(one: str, other: str) -> float:
    return OSA.normalized_similarity(one, other)
