"""An IMS QTI 2.1 content package: a manifest, one test, one item per question
(https://www.imsglobal.org/question/qtiv2p1/imsqti_infov2p1.html).
"""

import io
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring
from zipfile import ZIP_DEFLATED, ZipFile

from quiz_service.domain.questions import MultipleChoice, Question, ShortAnswer, TrueFalse
from quiz_service.domain.quiz import Quiz

_QTI = "http://www.imsglobal.org/xsd/imsqti_v2p1"
_PACKAGE = "http://www.imsglobal.org/xsd/imscp_v1p1"
_TEMPLATES = "http://www.imsglobal.org/question/qti_v2p1/rptemplates"


def qti(quiz: Quiz) -> bytes:
    """The zip file that a learning platform imports."""
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as package:
        package.writestr("imsmanifest.xml", _xml(_manifest(quiz)))
        package.writestr("test.xml", _xml(_test(quiz)))
        for question in quiz.questions:
            package.writestr(_file(question), _xml(_item(question)))
    return packed.getvalue()


def _manifest(quiz: Quiz) -> Element:
    manifest = Element("manifest", xmlns=_PACKAGE, identifier=f"quiz-{quiz.quiz_id}")
    metadata = SubElement(manifest, "metadata")
    SubElement(metadata, "schema").text = "QTIv2.1 Package"
    SubElement(metadata, "schemaversion").text = "1.0.0"
    SubElement(manifest, "organizations")
    resources = SubElement(manifest, "resources")
    test = SubElement(resources, "resource", identifier="test", type="imsqti_test_xmlv2p1", href="test.xml")
    SubElement(test, "file", href="test.xml")
    for question in quiz.questions:
        SubElement(test, "dependency", identifierref=_identifier(question))
    for question in quiz.questions:
        kind = "imsqti_item_xmlv2p1"
        resource = SubElement(resources, "resource", identifier=_identifier(question), type=kind, href=_file(question))
        SubElement(resource, "file", href=_file(question))
    return manifest


def _test(quiz: Quiz) -> Element:
    test = Element("assessmentTest", xmlns=_QTI, identifier="test", title=quiz.title or "Quiz")
    part = SubElement(test, "testPart", identifier="part", navigationMode="nonlinear", submissionMode="simultaneous")
    section = SubElement(part, "assessmentSection", identifier="section", title=quiz.title or "Quiz", visible="true")
    for question in quiz.questions:
        SubElement(section, "assessmentItemRef", identifier=_identifier(question), href=_file(question))
    return test


def _item(question: Question) -> Element:
    stem = question.stem
    attributes = {"adaptive": "false", "timeDependent": "false"}
    item = Element(
        "assessmentItem", attributes, xmlns=_QTI, identifier=_identifier(question), title=f"Question {stem.number}"
    )
    match question:
        case MultipleChoice(options=options):
            right = next(f"o{number}" for number, option in enumerate(options, 1) if option.is_correct)
            _choice(item, stem.prompt, right, [(f"o{number}", option.text) for number, option in enumerate(options, 1)])
        case TrueFalse(is_true=is_true):
            _choice(item, stem.prompt, "true" if is_true else "false", [("true", "True"), ("false", "False")])
        case ShortAnswer(accepted=accepted):
            _text_entry(item, stem.prompt, accepted)
    SubElement(item, "responseProcessing", template=f"{_TEMPLATES}/{_template(question)}")
    feedback = SubElement(
        item, "modalFeedback", outcomeIdentifier="FEEDBACK", identifier="explanation", showHide="show"
    )
    feedback.text = stem.explanation
    return item


def _choice(item: Element, prompt: str, right: str, choices: Sequence[tuple[str, str]]) -> None:
    _declare(item, "identifier", [right])
    body = SubElement(item, "itemBody")
    interaction = SubElement(body, "choiceInteraction", responseIdentifier="RESPONSE", shuffle="false", maxChoices="1")
    SubElement(interaction, "prompt").text = prompt
    for identifier, text in choices:
        SubElement(interaction, "simpleChoice", identifier=identifier).text = text


def _text_entry(item: Element, prompt: str, accepted: Sequence[str]) -> None:
    _declare(item, "string", accepted)
    body = SubElement(item, "itemBody")
    SubElement(body, "p").text = prompt
    line = SubElement(body, "p")
    SubElement(line, "textEntryInteraction", responseIdentifier="RESPONSE", expectedLength="60")


def _declare(item: Element, base_type: str, right: Sequence[str]) -> None:
    attributes = {"identifier": "RESPONSE", "cardinality": "single", "baseType": base_type}
    response = SubElement(item, "responseDeclaration", attributes)
    SubElement(SubElement(response, "correctResponse"), "value").text = right[0]
    if base_type == "string":
        mapping = SubElement(response, "mapping", defaultValue="0")
        for text in right:
            SubElement(mapping, "mapEntry", mapKey=text, mappedValue="1", caseSensitive="false")
    for name, kind in (("SCORE", "float"), ("FEEDBACK", "identifier")):
        SubElement(item, "outcomeDeclaration", {"identifier": name, "cardinality": "single", "baseType": kind})


def _template(question: Question) -> str:
    return "map_response" if isinstance(question, ShortAnswer) else "match_correct"


def _identifier(question: Question) -> str:
    return f"item{question.stem.number}"


def _file(question: Question) -> str:
    return f"{_identifier(question)}.xml"


def _xml(element: Element) -> bytes:
    body: bytes = tostring(element, encoding="utf-8", xml_declaration=True)
    return body
