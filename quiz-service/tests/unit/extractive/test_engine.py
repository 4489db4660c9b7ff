"""Single traps of the engine, each in a text of its own."""

from itertools import pairwise

import pytest
from support.lectures import lecture

from quiz_service.adapters.extractive import generate_questions
from quiz_service.adapters.extractive.excerpts import MAX_CHARACTERS, STRETCHES, excerpt
from quiz_service.domain.errors import NotEnoughContent
from quiz_service.domain.material import Block, Material, Note, Quote
from quiz_service.domain.questions import QuestionDraft, QuestionType
from quiz_service.domain.quiz import QuestionPlan


def material(*paragraphs: str, notes: tuple[Note, ...] = (), language: str | None = "en") -> Material:
    blocks = tuple(Block(index, 1, "paragraph", None, text) for index, text in enumerate(paragraphs))
    return Material("A text", language, blocks, notes)


def asked(of: Material, *types: QuestionType, count: int = 50) -> list[QuestionDraft]:
    try:
        return list(generate_questions(of, QuestionPlan(count, types or tuple(QuestionType), "mixed", 1)).questions)
    except NotEnoughContent:
        return []


def prompts(*paragraphs: str) -> list[str]:
    return [question.prompt for question in asked(material(*paragraphs))]


@pytest.mark.parametrize(
    "sentence",
    [
        "It was built in Paris in 1889.",
        "This bridge was opened in 1932.",
        "He received the prize in 1921.",
        "As we saw above, Rome was founded in 753 BC.",
        "The following table shows the population of Rome in 1950.",
        "Figure 3 shows the growth of Paris since 1900.",
        "Did Rome fall in 476?",
        "See section 4 for the fall of Rome in 476.",
        "In our lecture we shall speak of the fall of Rome in 476.",
        "Pierre Curie proposed it in 1898.",
        "A History of the Roman Empire from Augustus to Constantine in 1900.",
    ],
)
def test_a_sentence_that_leans_on_others_is_not_asked_about(sentence: str) -> None:
    assert prompts(sentence) == []


def test_a_linking_word_is_left_off_and_the_rest_is_asked() -> None:
    sentence = "However, Marie Curie isolated radium in 1910."
    for question in asked(material(sentence)):
        assert "However" not in question.prompt
        assert question.source.quote == sentence


def test_a_subject_only_the_heading_explains_gets_the_heading() -> None:
    blocks = (
        Block(0, 1, "heading", 1, "2.1 The Eiffel Tower"),
        Block(1, 1, "paragraph", None, "The tower was opened to visitors on 15 May 1889."),
    )
    [question] = asked(Material("Paris", "en", blocks), QuestionType.SHORT_ANSWER)
    assert question.prompt == "About “The Eiffel Tower”: On which date was the tower opened to visitors?"


@pytest.mark.parametrize("bound", ["more than", "at least", "about", "up to", "between 10 and"])
def test_a_bound_is_no_answer_because_other_numbers_are_true_as_well(bound: str) -> None:
    text = f"The Louvre in Paris shows {bound} 35 paintings by Rubens."
    assert not [question for question in asked(material(text)) if question.answer == "35"]


def test_a_year_that_fits_the_question_elsewhere_is_no_wrong_option() -> None:
    text = (
        "Marie Curie received a Nobel Prize in 1903. Marie Curie received a Nobel Prize also in 1911. "
        "Ernest Rutherford moved to Montreal in 1898. Niels Bohr moved to Manchester in 1912. "
        "Max Planck moved to Berlin in 1889."
    )
    for question in asked(material(text), QuestionType.MULTIPLE_CHOICE, QuestionType.TRUE_FALSE):
        if "Curie" in question.prompt:
            options = {option.text for option in question.options}
            assert not {"1903", "1911"} <= options
            assert question.answer is not False or ("1903" not in question.prompt and "1911" not in question.prompt)


def test_members_of_the_same_list_are_never_its_wrong_options() -> None:
    for seed in range(5):
        plan = QuestionPlan(30, (QuestionType.MULTIPLE_CHOICE,), "mixed", seed)
        for question in generate_questions(lecture("cells"), plan).questions:
            if "stages of mitosis" in question.prompt:
                members = {"Prophase", "Metaphase", "Anaphase", "Telophase"}
                assert len(members & {option.text for option in question.options}) == 1


def test_a_glossary_entry_of_the_notes_becomes_a_question() -> None:
    text = "Entropy, the measure of disorder in a closed system, never falls by itself."
    quote = Quote(0, 1, 0, text)
    entry = Note("glossary", text, "Entropy", "the measure of disorder in a closed system", (quote,))
    [question] = asked(material(text, notes=(entry,)), QuestionType.SHORT_ANSWER)
    assert (question.answer, question.source.quote) == ("entropy", text)


def test_an_acronym_is_asked_for_by_what_it_stands_for() -> None:
    [question] = asked(material("The General Post Office (GPO) ran the telephones."), QuestionType.SHORT_ANSWER)
    assert (question.prompt, question.answer) == ("What does “GPO” stand for?", "General Post Office")


def test_a_surname_alone_is_accepted_for_a_person() -> None:
    [question] = asked(material("Radium was isolated by Marie Curie."), QuestionType.SHORT_ANSWER)
    assert (question.answer, question.accepted) == ("Marie Curie", ("Curie",))


def test_a_table_is_asked_about_by_row_and_column() -> None:
    table = "Planet\tMoons\tRings\nEarth\t1\tno\nMars\t2\tno\nSaturn\t146\tyes\nJupiter\t95\tyes\nUranus\t28\tyes"
    blocks = (
        Block(0, 1, "paragraph", None, "Table 2: Planets compared"),
        Block(1, 1, "table", None, table),
    )
    questions = asked(Material("Planets", "en", blocks), QuestionType.SHORT_ANSWER)
    assert "In the table “Planets compared”: which entry stands under “Moons” for “Mars”?" in [
        question.prompt for question in questions
    ]
    assert all(question.source.quote in table for question in questions)


def test_decades_and_numbered_phases_are_no_numbers_to_ask_for() -> None:
    text = "Phase 2 tests of Polyvax began in Boston in the early 1960s."
    assert not [one for one in asked(material(text)) if one.answer in ("2", "1960", "1960s")]


def test_a_sentence_that_stands_twice_makes_one_question() -> None:
    sentence = "Radium was isolated by Marie Curie."
    assert len(asked(material(sentence, sentence))) == 1


@pytest.mark.parametrize("text", ["", "O wind!", "Yes. No. Perhaps.", "x = y + z; f(x) = 2", "1 2 3 4 5"])
def test_a_text_without_facts_makes_no_quiz(text: str) -> None:
    with pytest.raises(NotEnoughContent):
        generate_questions(material(text), QuestionPlan(5, tuple(QuestionType), "mixed", None))


def test_a_language_the_engine_cannot_ask_in_is_refused_by_name() -> None:
    with pytest.raises(NotEnoughContent, match="de-AT"):
        generate_questions(
            material("Wien liegt an der Donau.", language="de-AT"), QuestionPlan(5, tuple(QuestionType), "mixed", 1)
        )


def test_english_that_was_taken_for_another_language_is_asked_about() -> None:
    assert asked(material("Radium was isolated by Marie Curie in the year of the fair.", language="la"))


def test_options_share_what_the_question_says_of_its_answer() -> None:
    text = (
        "A normal good is a good whose demand rises with income. An inferior good is a good whose demand falls. "
        "A public good is a good that nobody can be kept from using. A club good is a good that only members may use. "
        "A monopoly is a market that knows only a single seller. A tariff is a tax that is put on what is imported."
    )
    for question in asked(material(text), QuestionType.MULTIPLE_CHOICE):
        if question.prompt.startswith("Which term") and "a good" in question.prompt:
            assert all(option.text.endswith("good") for option in question.options)


def test_a_title_of_a_book_is_one_name() -> None:
    questions = asked(material("Adam Smith published The Wealth of Nations in 1776."))
    assert all("The Wealth of Nations" in question.prompt for question in questions if "Wealth" in question.prompt)
    assert not [question for question in questions if question.answer == "The Wealth"]


def test_of_a_very_long_text_stretches_from_everywhere_are_read() -> None:
    blocks = tuple(Block(index, index + 1, "paragraph", None, f"{index:06} " + "x" * 993) for index in range(3_000))
    read = excerpt(Material("A book", "en", blocks)).blocks
    assert sum(len(block.text) for block in read) == pytest.approx(MAX_CHARACTERS, rel=0.1)
    assert read[0].index < 100
    assert read[-1].index > 2_850
    neighbours = sum(after.index == before.index + 1 for before, after in pairwise(read))
    assert neighbours >= len(read) - STRETCHES - 1


def test_a_text_of_usual_length_is_read_whole() -> None:
    assert excerpt(lecture("cells")) == lecture("cells")
