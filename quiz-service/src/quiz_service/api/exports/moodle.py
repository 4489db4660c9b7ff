"""Moodle XML (https://docs.moodle.org/en/Moodle_XML_format): what GIFT holds, with points and pages."""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from quiz_service.domain.questions import MultipleChoice, Question, ShortAnswer, TrueFalse
from quiz_service.domain.quiz import Quiz


def moodle_xml(quiz: Quiz) -> bytes:
    root = Element("quiz")
    category = SubElement(SubElement(root, "question", type="category"), "category")
    _text(category, f"$course$/{(quiz.title or 'Quiz').replace('/', '//')}")
    for question in quiz.questions:
        _question(root, question)
    indent(root)
    body: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return body


def _question(root: Element, question: Question) -> None:
    kinds = {MultipleChoice: "multichoice", TrueFalse: "truefalse", ShortAnswer: "shortanswer"}
    element = SubElement(root, "question", type=kinds[type(question)])
    stem = question.stem
    _text(SubElement(element, "name"), f"Q{stem.number}")
    _text(SubElement(element, "questiontext", format="plain_text"), stem.prompt)
    page = f" (page {stem.source.page})" if stem.source.page else ""
    _text(SubElement(element, "generalfeedback", format="plain_text"), f"{stem.explanation}{page}")
    SubElement(element, "defaultgrade").text = str(stem.points)
    match question:
        case MultipleChoice(options=options):
            SubElement(element, "single").text = "true"
            SubElement(element, "shuffleanswers").text = "true"
            SubElement(element, "answernumbering").text = "abc"
            for option in options:
                _answer(element, option.text, option.is_correct, option.note)
        case TrueFalse(is_true=is_true):
            _answer(element, "true", is_true)
            _answer(element, "false", not is_true)
        case ShortAnswer(accepted=accepted):
            SubElement(element, "usecase").text = "0"
            for text in accepted:
                _answer(element, text, True)


def _answer(question: Element, text: str, is_correct: bool, note: str = "") -> None:
    answer = SubElement(question, "answer", fraction="100" if is_correct else "0", format="plain_text")
    SubElement(answer, "text").text = text
    _text(SubElement(answer, "feedback", format="plain_text"), note)


def _text(parent: Element, text: str) -> None:
    SubElement(parent, "text").text = text
