"""Notes with one of everything."""

from document_reader_service.domain.notes import GlossaryEntry, Notes, Point, Section, Source

QUOTE = "A cell is the smallest unit of life."
SOURCE = Source(1, 1, 0, len(QUOTE), QUOTE)
POINT = Point(QUOTE, (SOURCE,))
NOTES = Notes(
    engine="extractive",
    language="en",
    title="The cell",
    summary=(POINT,),
    key_points=(POINT,),
    sections=(Section("The cell", 1, 1, (POINT,)), Section(None, None, None, ())),
    glossary=(GlossaryEntry("cell", "the smallest unit of life", (SOURCE,)),),
)
