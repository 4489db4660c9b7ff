"""The functions of PDFium that are asked once a line or oftener, and the memory they write their answers into.

A call through pypdfium2's own prototypes spends most of its time on ctypes' check of each argument's type. These have
none, so arguments must be ints, handles from pypdfium2 or what `Scratch` holds: never a float, never a bare address.
"""

import ctypes
from collections.abc import Callable, Sequence
from typing import Any, cast

import pypdfium2.raw as pdfium

_FONT_NAME_BYTES = 128
Values = Callable[[], list[float]]


def _unchecked(function: Any, result: Any = ctypes.c_int) -> Callable[..., Any]:
    address = ctypes.cast(function, ctypes.c_void_p).value
    assert address is not None
    return ctypes.CFUNCTYPE(result)(address)


_text = _unchecked(pdfium.FPDFText_GetText)
_letter_box = _unchecked(pdfium.FPDFText_GetLooseCharBox)
_run_box = _unchecked(pdfium.FPDFText_GetRect)
_drawn_object = _unchecked(pdfium.FPDFPage_GetObject, pdfium.FPDF_PAGEOBJECT)
_drawn_type = _unchecked(pdfium.FPDFPageObj_GetType)
_drawn_bounds = _unchecked(pdfium.FPDFPageObj_GetBounds)
_font_info = _unchecked(pdfium.FPDFText_GetFontInfo)
angle = _unchecked(pdfium.FPDFText_GetCharAngle, ctypes.c_float)
"""Text page, character: radians, negative if there is no such character."""
count_runs = _unchecked(pdfium.FPDFText_CountRects)
"""Text page, first character, number of characters (-1: all): stretches of one font in one line, for `Scratch.run`."""


class Scratch:
    """Made once for a document. Boxes are left, top, right, bottom in the page's own points, origin bottom left."""

    def __init__(self) -> None:
        self._letter = (ctypes.c_float * 4)()  # laid out as FS_RECTF
        self._run = (ctypes.c_double * 4)()
        self._run_sides = tuple(ctypes.byref(self._run, side * ctypes.sizeof(ctypes.c_double)) for side in range(4))
        self._drawn = (ctypes.c_float * 4)()
        self._drawn_sides = tuple(ctypes.byref(self._drawn, side * ctypes.sizeof(ctypes.c_float)) for side in range(4))
        # A view of native floats gives all four at once, in half the time of reading fields.
        self._letter_values = cast(Values, memoryview(self._letter).cast("B").cast("f").tolist)
        self._run_values = cast(Values, memoryview(self._run).cast("B").cast("d").tolist)
        self._text = ctypes.create_string_buffer(0)
        self._font_name = ctypes.create_string_buffer(_FONT_NAME_BYTES)
        self._font_flags = ctypes.c_int()
        self._font_flags_reference = ctypes.byref(self._font_flags)

    def text(self, text_page: pdfium.FPDF_TEXTPAGE, count: int) -> str:
        """The first characters; of another length than `count` where PDFium leaves some out."""
        if len(self._text) < 2 * count + 2:
            self._text = ctypes.create_string_buffer(4 * count + 2)
        written = _text(text_page, 0, count, self._text)
        return str(memoryview(self._text)[: 2 * written - 2], "utf-16-le", "replace") if written else ""

    def letter(self, text_page: pdfium.FPDF_TEXTPAGE, index: int) -> list[float]:
        """The space a letter takes, from ascent to descent."""
        _letter_box(text_page, index, self._letter)
        return self._letter_values()

    def run(self, text_page: pdfium.FPDF_TEXTPAGE, index: int) -> list[float]:
        """The box of one of the runs counted last."""
        _run_box(text_page, index, *self._run_sides)
        return self._run_values()

    def drawn_path(self, page: pdfium.FPDF_PAGE, index: int) -> Sequence[float] | None:
        """Left, bottom, right, top of a drawing on the page; None for an object of another kind."""
        drawn = _drawn_object(page, index)
        if _drawn_type(drawn) != pdfium.FPDF_PAGEOBJ_PATH:
            return None
        _drawn_bounds(drawn, *self._drawn_sides)
        return self._drawn[:]

    def font(self, text_page: pdfium.FPDF_TEXTPAGE, index: int) -> tuple[bytes, int]:
        """Name and descriptor flags of a letter's font."""
        _font_info(text_page, index, self._font_name, _FONT_NAME_BYTES, self._font_flags_reference)
        return self._font_name.value, self._font_flags.value
