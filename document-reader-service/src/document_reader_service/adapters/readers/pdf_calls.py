"""The functions of PDFium that are asked once a line or oftener, and the memory they write their answers into.

A call through pypdfium2's own prototypes spends most of its time on ctypes' check of each argument's type. These have
none, so arguments must be ints, handles from pypdfium2 or what `Scratch` holds: never a float, never a bare address.
"""

import ctypes
from collections.abc import Callable
from typing import Any, cast

import pypdfium2.raw as pdfium

_FONT_NAME_BYTES = 128
Values = Callable[[], list[float]]


def _unchecked(function: Any) -> Callable[..., int]:
    address = ctypes.cast(function, ctypes.c_void_p).value
    assert address is not None
    return ctypes.CFUNCTYPE(ctypes.c_int)(address)


_letter_box = _unchecked(pdfium.FPDFText_GetLooseCharBox)
_run_box = _unchecked(pdfium.FPDFText_GetRect)
_font_info = _unchecked(pdfium.FPDFText_GetFontInfo)
count_runs = _unchecked(pdfium.FPDFText_CountRects)
"""Text page, first character, number of characters (-1: all): stretches of one font in one line, for `Scratch.run`."""


class Scratch:
    """Made once for a document. Boxes are left, top, right, bottom in the page's own points, origin bottom left."""

    def __init__(self) -> None:
        self._letter = (ctypes.c_float * 4)()  # laid out as FS_RECTF
        self._run = (ctypes.c_double * 4)()
        self._run_sides = tuple(ctypes.byref(self._run, side * ctypes.sizeof(ctypes.c_double)) for side in range(4))
        # A view of native floats gives all four at once, in half the time of reading fields.
        self._letter_values = cast(Values, memoryview(self._letter).cast("B").cast("f").tolist)
        self._run_values = cast(Values, memoryview(self._run).cast("B").cast("d").tolist)
        self._font_name = ctypes.create_string_buffer(_FONT_NAME_BYTES)
        self._font_flags = ctypes.c_int()
        self._font_flags_reference = ctypes.byref(self._font_flags)

    def letter(self, text_page: pdfium.FPDF_TEXTPAGE, index: int) -> list[float]:
        """The space a letter takes, from ascent to descent."""
        _letter_box(text_page, index, self._letter)
        return self._letter_values()

    def run(self, text_page: pdfium.FPDF_TEXTPAGE, index: int) -> list[float]:
        """The box of one of the runs counted last."""
        _run_box(text_page, index, *self._run_sides)
        return self._run_values()

    def font(self, text_page: pdfium.FPDF_TEXTPAGE, index: int) -> tuple[bytes, int]:
        """Name and descriptor flags of a letter's font."""
        _font_info(text_page, index, self._font_name, _FONT_NAME_BYTES, self._font_flags_reference)
        return self._font_name.value, self._font_flags.value
