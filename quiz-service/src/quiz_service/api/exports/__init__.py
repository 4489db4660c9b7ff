"""A quiz with its answers, in the forms that other programs import."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from quiz_service.api.exports.flashcards import anki, tsv
from quiz_service.api.exports.gift import gift
from quiz_service.api.exports.moodle import moodle_xml
from quiz_service.api.exports.qti import qti
from quiz_service.domain.quiz import Quiz


class ExportFormat(StrEnum):
    GIFT = "gift"
    MOODLE_XML = "moodle-xml"
    QTI = "qti"
    ANKI = "anki"
    TSV = "tsv"


@dataclass(frozen=True, slots=True)
class Form:
    media_type: str
    extension: str
    render: Callable[[Quiz], bytes]


FORMATS = {
    ExportFormat.GIFT: Form("text/plain; charset=utf-8", "gift.txt", gift),
    ExportFormat.MOODLE_XML: Form("application/xml", "moodle.xml", moodle_xml),
    ExportFormat.QTI: Form("application/zip", "qti.zip", qti),
    ExportFormat.ANKI: Form("text/plain; charset=utf-8", "anki.txt", anki),
    ExportFormat.TSV: Form("text/tab-separated-values; charset=utf-8", "tsv", tsv),
}
