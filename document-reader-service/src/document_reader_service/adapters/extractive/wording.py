"""What the sentences of several languages begin, end and point with: data for judging whether one stands alone."""

import re

# The splitter takes these for ends of sentences; the word after them goes on.
NO_END = re.compile(
    r"(?:^|[\s(])(?:Mr|Mrs|Ms|Dr|Prof|St|Fig|Figs|Eq|No|Vol|vs|cf|ca|approx|resp|al|Nr|Abb|Tab|bzw|e\.g|i\.e|"
    r"z\.\s?B|d\.\s?h|u\.\s?a|[A-Z])\.\s*\Z"
)
CLOSED = re.compile(r"[.!。!؟।…][\"'”’»)\]]*\Z")
QUESTION = re.compile(r"[??؟][\"'”’»)\]]*\Z")
CAPTION = re.compile(
    r"(?:fig(?:ure|\.)?|tab(?:le|\.)?|abb(?:ildung|\.)?|tabelle|figura|tabla|tableau|box|chart|diagram)\s*\d",
    re.IGNORECASE,
)
UNFIT = re.compile(r"https?://|www\.|\bdoi\b|@|\.{4,}|(?:\. ){4,}|©", re.IGNORECASE)
ABOUT_THE_TEXT = re.compile(
    r"\b(?:(?:in )?(?:this|the next|the following) (?:lecture|chapter|section|unit|document|paper|course)|"
    r"(?:lecture|chapter|unit) \d+ of|we (?:will|shall)|you will|see (?:section|chapter|figure|table|page)|"
    r"as (?:shown|seen|mentioned|described)|in diesem kapitel|dans ce chapitre|en este capítulo)\b",
    re.IGNORECASE,
)
FIRST_WORD = re.compile(r"[^\W\d_]+")

LEANING: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": "this these those that it its they their them he his him she her such however but and so thus therefore "
        "hence also moreover furthermore consequently instead then here nevertheless nonetheless meanwhile similarly "
        "likewise otherwise additionally accordingly yet or nor both another finally afterwards later again still "
        "besides conversely rather even because which who",
        "de": "dies diese dieser dieses diesem es er sie ihr ihre sein seine jedoch aber und daher deshalb dann auch "
        "somit dabei dadurch dazu damit zudem außerdem hier solche dennoch trotzdem darum also",
        "fr": "ce cet cette ces il elle ils elles cela ceci celui celle ceux son sa ses leur leurs cependant mais et "
        "donc ainsi alors aussi ensuite toutefois néanmoins puis",
        "es": "este esta estos estas esto ese esa eso él ella ellos ellas su sus sin pero y así entonces también "
        "además luego tal dicho dicha",
        "it": "questo questa questi queste ciò esso essa essi egli ella loro suo sua però ma e quindi così allora "
        "anche inoltre poi",
        "pt": "este esta estes estas isto isso esse essa ele ela eles elas seu sua porém mas e assim então também além "
        "portanto",
        "nl": "dit deze dat die het hij zij ze hun zijn haar echter maar en dus daarom dan ook hier zo bovendien",
    }.items()
}
"""A sentence that begins with one of these leans on the one before it."""

LEANING_PHRASES = re.compile(
    r"(?:for example|for instance|in contrast|in addition|as a result|on the other hand|in other words|"
    r"in fact|of course|that is|at the same time|by contrast|as such|to this end|in this way|for this reason|"
    r"in the same (?:year|way)|after that|before that|zum beispiel|par exemple|por ejemplo)\b",
    re.IGNORECASE,
)

POINTING: dict[str, re.Pattern[str]] = {
    "en": re.compile(r"\b(?:he|him|she|them|such an?|therefore|this|these|those|introduced it|the following)\b"),
    "de": re.compile(r"\b(?:ihn|ihm|diese[rsmn]?|daher|deshalb|solche[rsn]?)\b"),
    "fr": re.compile(r"\b(?:celui-ci|celle-ci|ceux-ci|cet|cette|ces|donc)\b"),
}
"""Words inside a sentence that often point out of it."""

APPENDED = re.compile(
    r"(?:\d+(?:\.\d+)*\.?\s+)?(?:references|bibliography|works cited|(?:suggested |further )reading|literature|"
    r"table of contents|contents|index|acknowledge?ments|literatur(?:verzeichnis)?|inhalt(?:sverzeichnis)?|quellen|"
    r"bibliographie|références|table des matières|bibliografía|referencias|índice|bibliografia|riferimenti|"
    r"(?:review |self-test |discussion )?(?:questions|exercises))\s*:?\Z",
    re.IGNORECASE,
)
"""Headings of parts that hold no statements of the text itself."""
