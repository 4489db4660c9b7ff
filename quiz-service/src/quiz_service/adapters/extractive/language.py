"""The words of English that the engine goes by: what makes a sentence lean on its surroundings, what tells of a date,
a person, a bound. Another language is another set of these, with its own phrasing.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from quiz_service.domain.grading import normalise
from quiz_service.domain.vocabulary import listed

ENGLISH_SHARE = 0.25
"""Of the words of an English text, about four in ten are function words; of other languages, hardly one."""


def _set(text: str) -> frozenset[str]:
    return frozenset(listed(text))


MONTHS = listed("January February March April May June July August September October November December")
# Words that a sentence may open with only by pointing back at another sentence.
POINTING_OPENERS = _set(
    "it its they their them he his she her this these those that such here both each neither either another others "
    "former latter similarly likewise otherwise instead meanwhile then again afterwards later soon second secondly "
    "third thirdly finally lastly firstly conversely consequently nevertheless nonetheless still yet so and but or "
    "nor which who whose also too even only if because"
)
# Openers that can be left off together with their comma, the rest standing alone.
REMOVABLE_OPENERS = (
    "however",
    "therefore",
    "thus",
    "hence",
    "moreover",
    "furthermore",
    "in addition",
    "for example",
    "for instance",
    "in fact",
    "indeed",
    "of course",
    "in other words",
    "in short",
    "in general",
    "as a result",
    "accordingly",
    "importantly",
    "interestingly",
    "remember that",
    "note that",
    "recall that",
)
# Words that make any sentence hang on what is around it, wherever they stand.
POINTING = re.compile(
    r"\b(?:this|these|those|above-mentioned|aforementioned|the following|as follows|the (?:former|latter|same|other|"
    r"previous|preceding|next|rest)|(?:see|in|cf\.?|shown in) (?:figure|fig\.|table|section|chapter|appendix|slide|"
    r"equation|box)|(?:figure|fig\.|table|section|chapter|slide|exercise|appendix|equation) \d|mentioned|described "
    r"(?:above|below|earlier)|as we|seen|earlier in|later in the|in this|next week|last week|today|tomorrow|yesterday|"
    r"lecture|we|us|our|ours|i|my|me|you|your|yours|let's|above(?! \d| the)|below(?! \d| the| zero))\b",
    re.IGNORECASE,
)
PERSON_PRONOUNS = re.compile(r"\b(?:he|she|him|his|her|hers|himself|herself)\b", re.IGNORECASE)
THING_PRONOUNS = re.compile(r"\b(?:it|they|them|one|ones)\b", re.IGNORECASE)
# A number behind one of these is a bound or a guess: another number may then be true as well.
HEDGES = re.compile(
    r"(?:more than|less than|fewer than|at least|at most|up to|over|under|nearly|almost|about|around|roughly|some|"
    r"approximately|exceeding|below|above|beyond|between|circa|c\.|ca\.|only|another|every|first|last|than|to|or|and|"
    r"from|[-–~≈<>≤≥])\s*$",
    re.IGNORECASE,
)
FUNCTION_WORDS = _set(
    "a an the of in on at by for with from to into onto over under between among through during before after since "
    "until against within without across along around about as and or but nor so yet if because while when where "
    "whereas although though that which who whom whose what how why than then is are was were be been being am has "
    "have had having do does did will would shall should can could may might must not no it its they their them he his "
    "she her him we our us you your i my this these those there here both each all any some many most more less few "
    "several such only also too very just even still already however therefore thus hence per via one two three"
)
TERM_OPENERS_REFUSED = FUNCTION_WORDS | _set(
    "unlike like despite according given today now often usually generally later earlier first second third another "
    "other others someone something everything nothing everyone anyone part much little people person thing things "
    "example examples reason result results question answer problem idea point difference advantage goal aim purpose "
    "note remember consider let suppose perhaps instead together finally key main important good bad new old same"
)
# What persons are said to have done, with the form that follows "did".
PERSON_VERBS = dict(
    pair.split(":")
    for pair in listed(
        "wrote:write led:lead built:build founded:found won:win became:become published:publish proposed:propose "
        "discovered:discover invented:invent introduced:introduce developed:develop showed:show proved:prove "
        "described:describe observed:observe demonstrated:demonstrate argued:argue coined:coin designed:design "
        "formulated:formulate suggested:suggest received:receive died:die lived:live taught:teach studied:study "
        "worked:work served:serve ruled:rule reigned:reign painted:paint composed:compose explored:explore "
        "isolated:isolate identified:identify measured:measure calculated:calculate predicted:predict made:make "
        "sailed:sail landed:land travelled:travel traveled:travel presented:present established:establish "
        "created:create crowned:crown seized:seize defeated:defeat conquered:conquer signed:sign patented:patent"
    )
)
DIRECTIONS = _set(
    "north south east west northern southern eastern western central upper lower inner outer ancient modern early late "
    "medieval degrees northeastern northwestern southeastern southwestern mainland coastal colonial imperial young old"
)
# "the result" is somebody's; without saying whose, a sentence cannot stand alone.
VAGUE_NOUNS = listed(
    "belief result word idea exception experiment method procedure trial law question claim problem case programme "
    "plan boy girl man woman child formula model group rule answer finding discovery theory principle process strain "
    "poison material arrangement point link effect change event approach technique argument concept study report "
    "observation step stage pattern situation difference decision agreement"
)
LABELS = _set("phase stage type class level step part grade category group number no volume layer version day week")
TITLES = _set("Dr Prof Professor Sir Lady Lord King Queen Emperor Saint Pope Captain Mr Mrs Ms")
PLACE_PREPOSITIONS = _set("in at near from into outside inside")
TEMPORAL_PREPOSITIONS = _set("in since by from until till to of around before after during between and on circa")
SYMBOL_UNITS = (
    "%|per cent|percent|°C|°F|K|km|m|cm|mm|µm|nm|kg|g|mg|µg|l|ml|s|ms|h|Hz|kHz|MHz|GHz|W|kW|MW|GW|V|A|J|kJ|kcal|"
    "Pa|kPa|bar|bits?|bytes?|KB|MB|GB|TB|dollars|euros|pounds|years?|months?|weeks?|days?|hours?|minutes?|seconds?|"
    "degrees|kilomet(?:re|er)s?|met(?:re|er)s?|centimet(?:re|er)s?|millimet(?:re|er)s?|kilograms?|grams?|lit(?:re|er)s?|"
    "tonnes?|miles?|feet|inches|watts?|volts?|joules?|newtons?|pascals?|nanomet(?:re|er)s?|micromet(?:re|er)s?"
)


words_of = lru_cache(maxsize=50_000)(normalise)


@lru_cache(maxsize=50_000)
def stemmed(text: str) -> frozenset[str]:
    """Every word of a text, function words too, cut to its stem."""
    return frozenset(stem(word) for word in words_of(text))


@lru_cache(maxsize=50_000)
def stems(text: str) -> frozenset[str]:
    """The content of a text, roughly: its words without function words, cut to what endings leave alone."""
    return frozenset(stem(word) for word in words_of(text) if word not in FUNCTION_WORDS)


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Enough of a word to see that "phase" and "phases" are one; over-cutting only makes the engine more careful."""
    if len(word) <= 3 or word.isdigit():
        return word
    for ending, replacement in (("ies", "y"), ("sses", "ss"), ("es", "e"), ("s", ""), ("ing", ""), ("ed", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not (ending == "s" and word[-2] in "su"):
            word = word[: -len(ending)] + replacement
            break
    return word.removesuffix("e") if len(word) > 4 else word


def reads_as_english(tag: str | None, texts: Iterable[str]) -> bool:
    """Whether the engine can ask in this language; without a tag, or with one that may be wrong, the text decides."""
    if tag is not None and tag.split("-")[0].lower() == "en":
        return True
    words = [word.lower() for text in texts for word in text.split()]
    return sum(word in FUNCTION_WORDS for word in words) >= ENGLISH_SHARE * max(len(words), 1)
