"""Which sentences carry a text: TextRank (Mihalcea & Tarau, 2004) over TF-IDF cosine, never building the n × n matrix.

The graph's weights are X·Xᵀ for the sparse sentence-term matrix X, so a step of the walk is two sparse products:
linear in the words, where the libraries that do TextRank are quadratic in the sentences.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

_DAMPING = 0.85
_STEPS = 30
_TOLERANCE = 1e-6


def text_rank(sentences: Sequence[Sequence[str]]) -> NDArray[np.float64]:
    """Rank of each sentence, given as its terms; mean 1.0, equal for sentences without any shared term."""
    count = len(sentences)
    if count == 0:
        return np.zeros(0)
    rows, columns, weights, width = _unit_rows(sentences)

    def neighbours(values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Xᵀ then X, less each sentence's likeness to itself, which is 1 where it has terms."""
        by_term = _sums(columns, weights * values[rows], width)
        return _sums(rows, weights * by_term[columns], count) - values * filled

    filled = _sums(rows, weights**2, count)
    degree = np.maximum(neighbours(np.ones(count)), 1e-9)
    rank: NDArray[np.float64] = np.ones(count)
    for _ in range(_STEPS):
        renewed = (1 - _DAMPING) + _DAMPING * neighbours(rank / degree)
        change = float(np.abs(renewed - rank).max())
        rank = renewed
        if change < _TOLERANCE:
            break
    return rank


def _unit_rows(
    sentences: Sequence[Sequence[str]],
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64], int]:
    """The TF-IDF matrix with rows of length 1 as (row, column, weight) triples, and its width."""
    counts = [Counter(terms) for terms in sentences]
    numbers = {term: number for number, term in enumerate(dict.fromkeys(chain.from_iterable(counts)))}
    rows = np.repeat(np.arange(len(counts)), [len(counter) for counter in counts])
    columns = np.fromiter((numbers[term] for counter in counts for term in counter), np.intp, len(rows))
    frequencies = np.fromiter((n for counter in counts for n in counter.values()), np.float64, len(rows))
    spread = np.bincount(columns, minlength=len(numbers))
    weights = (1 + np.log(frequencies)) * np.log(1 + len(counts) / np.maximum(spread, 1))[columns]
    lengths = np.sqrt(_sums(rows, weights**2, len(counts)))
    return rows, columns, weights / lengths[rows], len(numbers)


def _sums(groups: NDArray[np.intp], values: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Sum of the values of each group 0 … count - 1."""
    # bincount's types know whole numbers only; with weights it returns floats.
    return np.bincount(groups, weights=values, minlength=count).astype(np.float64, copy=False)
