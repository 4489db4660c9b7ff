"""Facts of enumerations: which things belong together, said in one sentence or by a list under its opening line."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from quiz_service.adapters.extractive.facts import RECOGNITION, Candidate, Fact, capitalised, uncapitalised
from quiz_service.adapters.extractive.language import FUNCTION_WORDS, POINTING, POINTING_OPENERS, stems
from quiz_service.adapters.extractive.sentences import WORD, Sentence
from quiz_service.adapters.extractive.spans import Names
from quiz_service.domain.grading import normalise
from quiz_service.domain.material import Block, Material

MIN_ITEMS, MAX_ITEMS, MAX_ITEM_WORDS = 3, 9, 5
_COUNT = "(?:two|three|four|five|six|seven|eight|nine|ten|main|major|basic|common|[a-z]+)"
_HEAD = re.compile(
    rf"^(?:There are |The )?(?P<group>{_COUNT}(?: [a-z-]+){{0,4}} (?:of|in) [^,:;()]{{3,50}}?|"
    rf"{_COUNT}(?: [a-z-]+){{1,3}}) (?:are|is|include)$",
    re.IGNORECASE,
)
_BARE_HEAD = re.compile(r"^(?:The )?(?P<group>[A-Za-z-]+s of [^,:;()]{3,50})$")
_ENUMERATION = re.compile(r"^(?P<head>[^:;,()]{8,90}? (?:are|include))(?::| the following:)? (?P<items>[^:;()]+)\.$")


@dataclass(frozen=True, slots=True)
class Enumeration:
    """`group` is what the items are members of: "stages of mitosis"."""

    group: str
    items: tuple[tuple[str, Sentence], ...]


def enumerations(material: Material, sentences: Sequence[Sentence], names: Names) -> Iterator[Enumeration]:
    for sentence in sentences:
        found = _in_sentence(sentence, names)
        if found is not None:
            yield found
    yield from _in_lists(material, {one.block: one for one in reversed(sentences)}, names)


def _in_sentence(sentence: Sentence, names: Names) -> Enumeration | None:
    match = _ENUMERATION.match(sentence.text)
    if match is None:
        return None
    parts = [part.strip() for part in re.split(r", and |, or |, | and ", match["items"])]
    group = _group(match["head"])
    items = tuple(_item(part, names) for part in parts)
    if group is None or not all(items) or not _fits(items, group):
        return None
    return Enumeration(group, tuple((item, sentence) for item in items))


def _in_lists(material: Material, first_of: Mapping[int, Sentence], names: Names) -> Iterator[Enumeration]:
    opening: Block | None = None
    members: list[Block] = []
    for block in (*material.blocks, Block(-1, None, "paragraph", None, "")):
        if block.kind == "list_item" and opening is not None:
            members.append(block)
            continue
        if opening is not None:
            yield from _listed(opening, [first_of[one.index] for one in members if one.index in first_of], names)
        opening, members = (block if block.kind == "paragraph" and block.text.rstrip().endswith(":") else None), []


def _listed(opening: Block, members: Sequence[Sentence], names: Names) -> Iterator[Enumeration]:
    last = re.split(r"(?<=[.!?]) ", " ".join(opening.text.split()))[-1].removesuffix(":").removesuffix(" the following")
    group = _group(last)
    items = [(_item(re.split(r":| – | — ", member.text)[0], names), member) for member in members]
    if group is None or not all(item for item, _ in items) or not _fits([item for item, _ in items], group):
        return
    yield Enumeration(group, tuple(items))


def _group(head: str) -> str | None:
    match = _HEAD.match(head.strip()) or _BARE_HEAD.match(head.strip())
    if match is None or POINTING.search(head):
        return None
    group = match["group"][:1].lower() + match["group"][1:]
    words = WORD.findall(group)
    is_plural = any(word.endswith("s") for word in words)
    is_pointing = words[0] in POINTING_OPENERS | FUNCTION_WORDS - {"two", "three"}
    return group if is_plural and not is_pointing else None


def _item(text: str, names: Names) -> str:
    item = re.sub(r"^(?:the|an?) ", "", text.strip().rstrip(".;,"), flags=re.IGNORECASE)
    words = WORD.findall(item)
    if not 0 < len(words) <= MAX_ITEM_WORDS or words[0].lower() in FUNCTION_WORDS:
        return ""
    return uncapitalised(item, names.is_proper)


def _fits(items: Sequence[str], group: str) -> bool:
    return (
        MIN_ITEMS <= len(items) <= MAX_ITEMS
        and len({item.lower() for item in items}) == len(items)
        and not any(stems(item) >= stems(group) for item in items)
    )


def list_facts(enumeration: Enumeration, number: int) -> Iterator[Fact]:
    members = frozenset(stem for item, _ in enumeration.items for stem in stems(item))
    group = re.sub(r"^(?:two|three|four|five|six|seven|eight|nine|ten) ", "", enumeration.group)
    for item, sentence in enumeration.items:
        yield Fact(
            f"list:{number}",
            ask="",
            choose=f"Which of these is one of the {enumeration.group}?",
            assertion=lambda text: f"{capitalised(text)} is one of the {group}.",
            answer=Candidate(item, ("member",), sentence),
            depth=1,
            weight=1.9,
            types=RECOGNITION,
            topic_stems=stems(group) | members,
            also_right=frozenset(normalise(other) for other, _ in enumeration.items),
        )
