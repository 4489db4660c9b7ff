"""Words that mean the same in questions and in answers."""


def listed(text: str) -> tuple[str, ...]:
    """The words of a list written as one text."""
    return tuple(text.split())


NUMBER_WORDS = listed(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
"""Each word at the index of its value."""
TENS = dict(zip(listed("thirty forty fifty sixty seventy eighty ninety hundred"), range(30, 110, 10), strict=True))
