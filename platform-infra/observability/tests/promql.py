"""What a PromQL expression reads: the names of its series. promtool checks the syntax, but names nothing."""

import re

_STRINGS = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|`[^`]*`')
_MATCHERS = re.compile(r"\{[^}]*\}")
_RANGES = re.compile(r"\[[^\]]*\]")
_LABEL_LISTS = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")
_IDENTIFIER = re.compile(r"(?<![\w:.])([a-zA-Z_:][\w:]*)\b(?!\s*\()")
_WORDS = {"and", "or", "unless", "bool", "offset", "inf", "nan", "by", "without", "on", "ignoring"}


def series_names(expression: str) -> set[str]:
    for noise in (_STRINGS, _MATCHERS, _RANGES, _LABEL_LISTS):  # in this order: a matcher's string may hold a brace
        expression = noise.sub(" ", expression)
    return {name for name in _IDENTIFIER.findall(expression) if name.lower() not in _WORDS}
