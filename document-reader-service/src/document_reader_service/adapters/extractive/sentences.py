"""The sentences of a document with their exact place, and what speaks for or against quoting each by itself."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sentencex

from document_reader_service.adapters.extractive.vocabulary import stop_words, terms_of, word_count
from document_reader_service.domain.notes import Point, Source
from document_reader_service.domain.text import Block, DocumentText

# The splitter takes these for ends of sentences; the word after them goes on.
_NO_END = re.compile(
    r"(?:^|[\s(])(?:Mr|Mrs|Ms|Dr|Prof|St|Fig|Figs|Eq|No|Vol|vs|cf|ca|approx|resp|al|Nr|Abb|Tab|bzw|e\.g|i\.e|z\.\s?B|d\.\s?h|u\.\s?a|[A-Z])\.\s*\Z"
)
_CLOSED = re.compile(r"[.!。!؟।…][\"'”’»)\]]*\Z")
_QUESTION = re.compile(r"[??؟][\"'”’»)\]]*\Z")
_CAPTION = re.compile(
    r"(?:fig(?:ure|\.)?|tab(?:le|\.)?|abb(?:ildung|\.)?|tabelle|figura|tabla|tableau|box|chart|diagram)\s*\d",
    re.IGNORECASE,
)
_UNFIT = re.compile(r"https?://|www\.|\bdoi\b|@|\.{4,}|(?:\. ){4,}|©", re.IGNORECASE)
_ABOUT_THE_TEXT = re.compile(
    r"\b(?:in this (?:lecture|chapter|section|unit|document|paper|course)|(?:this|the next|the following) (?:lecture|chapter|section)|we will|you will|"
    r"see (?:section|chapter|figure|table|page)|as (?:shown|seen|mentioned|described)|in diesem kapitel|dans ce chapitre|en este capítulo)\b",
    re.IGNORECASE,
)
# A sentence that begins so leans on the one before it and cannot stand alone.
_LEANING = {
    "en": "this these those that it its they their them he his him she her such however but and so thus therefore hence also "
    "moreover furthermore consequently instead then here nevertheless nonetheless meanwhile similarly likewise otherwise "
    "additionally accordingly yet or nor both another finally afterwards later again still besides conversely rather even "
    "because which who",
    "de": "dies diese dieser dieses diesem es er sie ihr ihre sein seine jedoch aber und daher deshalb dann auch somit dabei "
    "dadurch dazu damit zudem außerdem hier solche dennoch trotzdem darum also",
    "fr": "ce cet cette ces il elle ils elles cela ceci celui celle ceux son sa ses leur leurs cependant mais et donc ainsi alors "
    "aussi ensuite toutefois néanmoins puis",
    "es": "este esta estos estas esto ese esa eso él ella ellos ellas su sus sin embargo pero y así entonces también además luego "
    "tal dicho dicha",
    "it": "questo questa questi queste ciò esso essa essi egli ella loro suo sua però ma e quindi così allora anche inoltre poi",
    "pt": "este esta estes estas isto isso esse essa ele ela eles elas seu sua porém mas e assim então também além portanto",
    "nl": "dit deze dat die het hij zij ze hun zijn haar echter maar en dus daarom dan ook hier zo bovendien",
}
_LEANING_PHRASES = re.compile(
    r"(?:for example|for instance|in contrast|in addition|as a result|on the other hand|in other words|in fact|of course|that is|"
    r"at the same time|by contrast|as such|to this end|in this way|zum beispiel|par exemple|por ejemplo)\b",
    re.IGNORECASE,
)
_FIRST_WORD = re.compile(r"[^\W\d_]+")
_APPENDED = re.compile(
    r"(?:\d+(?:\.\d+)*\.?\s+)?(?:references|bibliography|works cited|further reading|literature|table of contents|contents|index|"
    r"acknowledge?ments|literatur(?:verzeichnis)?|inhalt(?:sverzeichnis)?|quellen|bibliographie|références|table des matières|"
    r"bibliografía|referencias|índice|bibliografia|riferimenti|(?:review |self-test |discussion )?(?:questions|exercises))\s*:?\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """`fitness` 0–1: how well it can be quoted alone; 0 = it cannot."""

    order: int
    block: int
    page: int | None
    start: int
    end: int
    text: str
    section: int
    position: int
    terms: tuple[str, ...]
    fitness: float

    def point(self) -> Point:
        return Point(self.text, (Source(self.page, self.block, self.start, self.end, self.text),))


@dataclass(slots=True)
class Part:
    """The text under one heading (None: before the first). `heading_terms` are those of the heading."""

    heading: str | None
    level: int | None
    page: int | None
    heading_terms: frozenset[str]
    sentences: list[Sentence]


def parts_of(text: DocumentText) -> list[Part]:
    """Parts in document order; reference lists, contents and exercises are left out, headings without text are kept."""
    stopped = stop_words(text.language)
    leaning = frozenset(_LEANING.get(text.language or "", "").split())
    parts: list[Part] = []
    skipping_below: int | None = None
    order = 0
    for block in text.blocks:
        if block.kind == "heading":
            level = block.level or 1
            if skipping_below is not None and level > skipping_below:
                continue
            skipping_below = level if _APPENDED.match(block.text) else None
            if skipping_below is None:
                parts.append(Part(block.text, level, block.page, frozenset(terms_of(block.text, stopped)), []))
            continue
        if skipping_below is not None or block.kind not in ("paragraph", "list_item"):
            continue
        if not parts:
            parts.append(Part(None, None, block.page, frozenset(), []))
        part = parts[-1]
        for start, end in sentence_spans(block.text, text.language):
            sentence = block.text[start:end]
            position = len(part.sentences)
            fitness = _fitness(sentence, block, start, leaning)
            terms = tuple(terms_of(sentence, stopped)) if fitness > 0 else ()
            part.sentences.append(
                Sentence(order, block.index, block.page, start, end, sentence, len(parts) - 1, position, terms, fitness)
            )
            order += 1
    return parts


def sentence_spans(text: str, language: str | None) -> Iterator[tuple[int, int]]:
    """Start and end of each sentence without the space around it."""
    begin = 0
    for boundary in sentencex.get_sentence_boundaries(language or "en", text):
        end: int = boundary["end_index"]
        # A full stop with no space after it stands inside a name or a number.
        inside = text[end - 1 : end] == "."
        if end < len(text) and (inside or _NO_END.search(text, max(begin, end - 12), end)):
            continue
        stripped = text[begin:end].strip()
        if stripped:
            start = begin + text[begin:end].index(stripped)
            yield start, start + len(stripped)
        begin = end
    rest = text[begin:].strip()
    if rest:
        start = begin + text[begin:].index(rest)
        yield start, start + len(rest)


def _fitness(sentence: str, block: Block, start: int, leaning: frozenset[str]) -> float:
    words = word_count(sentence)
    if not 5 <= words <= 60 or len(sentence) > 450 or _QUESTION.search(sentence) or _UNFIT.search(sentence):
        return 0.0
    if (start == 0 and _CAPTION.match(sentence)) or not _begins_well(sentence):
        return 0.0
    fitness = 1.0
    if not _CLOSED.search(sentence):
        # A list item often has no full stop; running text without one was cut off or leads to a list.
        fitness = 0.5 if block.kind == "list_item" and not sentence.endswith((":", ";", ",")) else 0.0
    elif block.kind == "list_item":
        fitness = 0.8
    if leans(sentence, leaning):
        fitness *= 0.2
    if _ABOUT_THE_TEXT.search(sentence):
        fitness *= 0.4
    if words < 8 or words > 40:
        fitness *= 0.7
    return fitness


def _begins_well(sentence: str) -> bool:
    first = sentence.lstrip("\"'“‘«([¿¡")[:1]
    return bool(first) and (first.isdigit() or (first.isalpha() and not first.islower()))


def leans(sentence: str, leaning: Sequence[str] | frozenset[str]) -> bool:
    found = _FIRST_WORD.search(sentence)
    return (found is not None and found[0].casefold() in leaning) or _LEANING_PHRASES.match(sentence) is not None
