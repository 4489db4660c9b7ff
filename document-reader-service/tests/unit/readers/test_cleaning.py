import pytest

from document_reader_service.adapters.readers.cleaning import clean_prose


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        (" one  two ", "one two"),
        ("one\ttwo\nthree", "one two three"),
        ("one\u00a0two\u3000three", "one two three"),
        ("one \u200b two", "one two"),
        ("e\ufb03cient cafe\u0301", "efficient caf\u00e9"),
        ("   ", ""),
    ],
)
def test_every_run_of_white_space_becomes_one_space_and_letters_take_one_form(raw: str, clean: str) -> None:
    assert clean_prose(raw) == clean
