"""Exponential backoff with jitter, so that what failed together does not come back together."""

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    first_seconds: float = 1.0
    most_seconds: float = 60.0

    def seconds(self, failures: int) -> float:
        """How long to wait after so many failures (from 1): doubled each time, of which a random half to the whole."""
        # The exponent is bounded: an outage of days must not overflow a float.
        longest = min(self.most_seconds, self.first_seconds * 2.0 ** min(failures - 1, 32))
        return longest * random.uniform(0.5, 1.0)
