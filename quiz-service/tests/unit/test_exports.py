"""Exports in the forms that other programs read; each is read back here by its own rules."""

import csv
import io
import re
from datetime import UTC, datetime
from random import Random
from xml.etree.ElementTree import Element, fromstring
from zipfile import ZipFile

import pytest
from chassis.ids import uuid7
from support.scene import ALICE, LECTURE

from quiz_service.adapters.extractive import generate_questions
from quiz_service.api.exports import FORMATS, ExportFormat
from quiz_service.domain.questions import (
    Difficulty,
    MultipleChoice,
    OptionDraft,
    Question,
    QuestionDraft,
    QuestionType,
    ShortAnswer,
    Source,
    TrueFalse,
)
from quiz_service.domain.quiz import GeneratedQuiz, QuestionPlan, Quiz

NASTY = 'Is {x} ~ "y" = #1: a < b & c\\d\tor\nnot?'
QTI = "{http://www.imsglobal.org/xsd/imsqti_v2p1}"
PACKAGE = "{http://www.imsglobal.org/xsd/imscp_v1p1}"


def nasty() -> QuestionDraft:
    options = tuple(OptionDraft(f"{NASTY} {n}", n == 1, "" if n == 1 else NASTY) for n in range(4))
    source = Source(None, 0, NASTY)
    return QuestionDraft(
        QuestionType.MULTIPLE_CHOICE, NASTY, f"{NASTY} 1", NASTY, source, Difficulty.HARD, options=options
    )


@pytest.fixture(scope="module")
def quiz() -> Quiz:
    plan = QuestionPlan(9, tuple(QuestionType), "mixed", 1)
    made = generate_questions(LECTURE, plan)
    quiz = Quiz(uuid7(), ALICE, uuid7(), 'Cells & "genes"', plan, datetime.now(UTC))
    quiz.complete(GeneratedQuiz((*made.questions, nasty()), None, "test"), datetime.now(UTC), uuid7, Random(1).shuffle)
    return quiz


def exported(quiz: Quiz, form: ExportFormat) -> bytes:
    return FORMATS[form].render(quiz)


def right_text(question: Question) -> str:
    match question:
        case MultipleChoice():
            return question.correct_option.text
        case TrueFalse(is_true=is_true):
            return "true" if is_true else "false"
    return str(question.correct_answer)


def in_one_line(text: str) -> str:
    return " ".join(text.split())


def test_gift_has_one_question_a_paragraph_with_one_right_answer(quiz: Quiz) -> None:
    paragraphs = exported(quiz, ExportFormat.GIFT).decode().strip().split("\n\n")
    assert len(paragraphs) == len(quiz.questions)
    for paragraph, question in zip(paragraphs, quiz.questions, strict=True):
        title, prompt, answers = re.fullmatch(r"::(.*?)::(.*?) (?<!\\)\{\n(.*)\n\}", paragraph, re.DOTALL).groups()  # type: ignore[union-attr]
        assert title == f"Q{question.stem.number}"
        assert re.sub(r"\\(.)", r"\1", prompt) == in_one_line(question.stem.prompt)
        lines = [line.strip() for line in answers.splitlines()]
        assert lines[-1].startswith("####")
        right = [line for line in lines[:-1] if line.startswith("=") or line in ("TRUE", "FALSE")]
        assert len(right) == (len(question.accepted) if isinstance(question, ShortAnswer) else 1)
        for line in lines:  # what GIFT would read as syntax is escaped
            assert not re.search(r"(?<!\\)[{}]", line)


def test_moodle_xml_holds_every_question_with_points_and_fractions(quiz: Quiz) -> None:
    category, *questions = fromstring(exported(quiz, ExportFormat.MOODLE_XML)).findall("question")
    assert category.get("type") == "category"
    assert len(questions) == len(quiz.questions)
    for element, question in zip(questions, quiz.questions, strict=True):
        assert element.findtext("questiontext/text") == question.stem.prompt
        assert element.findtext("defaultgrade") == str(question.stem.points)
        right = [one.findtext("text") for one in element.findall("answer") if one.get("fraction") == "100"]
        assert right[0] == right_text(question)


def test_qti_is_a_package_whose_manifest_names_every_file(quiz: Quiz) -> None:
    with ZipFile(io.BytesIO(exported(quiz, ExportFormat.QTI))) as package:
        assert package.testzip() is None
        manifest = fromstring(package.read("imsmanifest.xml"))
        named = {one.get("href") for one in manifest.iter(f"{PACKAGE}file")}
        assert named == set(package.namelist()) - {"imsmanifest.xml"}
        references = [one.get("href") for one in fromstring(package.read("test.xml")).iter(f"{QTI}assessmentItemRef")]
        assert len(references) == len(quiz.questions)
        for href, question in zip(references, quiz.questions, strict=True):
            assert_item(fromstring(package.read(str(href))), question)


def assert_item(item: Element, question: Question) -> None:
    right = item.findtext(f"{QTI}responseDeclaration/{QTI}correctResponse/{QTI}value")
    choices = {one.get("identifier"): one.text for one in item.iter(f"{QTI}simpleChoice")}
    if isinstance(question, ShortAnswer):
        assert right == question.correct_answer
        mapped = {one.get("mapKey") for one in item.iter(f"{QTI}mapEntry")}
        assert mapped == set(question.accepted)
    else:
        assert str(choices[right]).lower() == right_text(question).lower()


def test_anki_notes_have_the_columns_their_header_names(quiz: Quiz) -> None:
    lines = exported(quiz, ExportFormat.ANKI).decode().splitlines()
    header = [line for line in lines if line.startswith("#")]
    assert header[0] == "#separator:tab"
    notes = [line.split("\t") for line in lines if not line.startswith("#")]
    assert [len(note) for note in notes] == [4] * len(quiz.questions)
    assert [note[0] for note in notes] == [str(question.stem.question_id) for question in quiz.questions]
    assert "<script" not in "".join(lines)
    assert "a &lt; b &amp; c" in notes[-1][1]


def test_tsv_reads_back_as_one_row_a_question(quiz: Quiz) -> None:
    text = exported(quiz, ExportFormat.TSV).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter="\t"))
    assert [row["prompt"] for row in rows] == [question.stem.prompt for question in quiz.questions]
    assert [row["answer"] for row in rows] == [right_text(question) for question in quiz.questions]
