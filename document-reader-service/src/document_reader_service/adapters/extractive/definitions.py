"""How several languages define a term, as patterns with the groups `term` and `definition`."""

import re

_TERM = r"(?P<term>[^\W\d_][\w'’\-]*(?:\s+[\w'’\-]+){0,4}?)"
_ASIDE = r"(?:\s*\([^)]{1,60}\))?(?:,[^,]{2,80},)?"

_PATTERNS: dict[str, tuple[str, ...]] = {
    "en": (
        rf"(?:The |A |An )?{_TERM}{_ASIDE}\s+(?:is|was|are|were)\s+(?P<definition>(?:an?|the|any|one of)\s+.{{15,}})",
        rf"(?:The |A |An )?{_TERM}{_ASIDE}\s+are\s+"
        r"(?P<definition>(?:[\w\-]+\s+){1,6}(?:that|which|who|whose|used|made|found|formed|produced|given)\s+.{8,})",
        rf"(?:The |A |An )?(?:term |word )?[\"“‘]?{_TERM}[\"”’]?{_ASIDE}\s+"
        r"(?:refers? to|means|denotes?|is defined as|are defined as|is known as|describes?|stands for)\s+"
        r"(?P<definition>.{12,})",
    ),
    "de": (
        rf"(?:Der |Die |Das |Ein |Eine )?{_TERM}{_ASIDE}\s+(?:ist|sind|war|waren)\s+"
        r"(?P<definition>(?:eine?|der|die|das)\s+.{15,})",
        rf"Unter (?:der |dem |einem |einer )?{_TERM}\s+versteht man\s+(?P<definition>.{{15,}})",
        rf"(?:Der |Die |Das )?(?:Begriff |Ausdruck )?[\"„]?{_TERM}[\"“]?\s+bezeichnet\s+(?P<definition>.{{12,}})",
    ),
    "fr": (
        rf"(?:Le |La |L['’]|Un |Une )?{_TERM}{_ASIDE}\s+(?:est|était|désigne)\s+"
        r"(?P<definition>(?:une?|le|la|l['’]|des)\s*.{15,})",
    ),
    "es": (
        rf"(?:El |La |Un |Una )?{_TERM}{_ASIDE}\s+(?:es|era|son)\s+(?P<definition>(?:una?|el|la|los|las)\s+.{{15,}})",
    ),
    "it": (
        rf"(?:Il |Lo |La |L['’]|Un |Una )?{_TERM}{_ASIDE}\s+(?:è|era)\s+"
        r"(?P<definition>(?:una?|uno|il|la|lo)\s+.{15,})",
    ),
    "pt": (rf"(?:O |A |Um |Uma )?{_TERM}{_ASIDE}\s+(?:é|era|são)\s+(?P<definition>(?:uma?|o|a|os|as)\s+.{{15,}})",),
    "nl": (rf"(?:De |Het |Een )?{_TERM}{_ASIDE}\s+(?:is|was|zijn)\s+(?P<definition>(?:een|de|het)\s+.{{15,}})",),
}
PATTERNS = {language: tuple(map(re.compile, patterns)) for language, patterns in _PATTERNS.items()}
"""Matched from the start of a sentence."""

CALLED = re.compile(
    r"(?:called|known as|termed|named|referred to as)\s+(?:an?\s+|the\s+)?[\"“‘]?"
    r"(?P<term>[^\W\d_][\w'’\-]*(?:\s+(?!(?:and|or|in|by|that|which|is|was)\b)[\w'’\-]+){0,2})"
    r"[\"”’]?(?=\s*(?:[.,;:)]|\b(?:and|in|by|that|which|is|was)\b))"
)
"""English, anywhere in a sentence; the sentence itself is the definition."""

LABELLED = re.compile(r"(?P<term>[^\W\d_][\w'’\- ]{1,40}?)(?::| [–—-])\s+(?P<definition>\S.{15,})")
"""A list item or paragraph that begins with its term."""

SAYS_NO_KIND = re.compile(
    r"the (?:exception|reason|result|cause|case|same|only|problem|key|answer|first|last|best|most|main|one)\b|"
    r"an? (?:good|bad|great|common|typical|big|small|long|short|major|serious|important|rare|few|lot|bit|matter)\b|"
    r"one of the (?:first|last|most|best|few|main)\b",
    re.IGNORECASE,
)
"""What follows "is" without telling what kind of thing the term is."""

VAGUE = frozenset(
    re.findall(
        r"\w+",
        "reason example result goal aim problem question advantage disadvantage step way first second third most many "
        "some others answer idea point thing things cause effect purpose difference fact case part all each both one "
        "two key main there what which who where when why how if because while after before although since as here "
        "once today now",
    )
)
"""Words that a term neither begins nor ends with."""
