"""What a command found or did, for people (a table), documents (Markdown) and machines (JSON)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

AS_DECLARED = 0
DIFFERS = 1
WRONG_USAGE = 2

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Report:
    """`rows` all have the same keys, which are the columns. `summary` is one sentence. `code` is the exit code."""

    rows: Sequence[Row]
    summary: str
    code: int = AS_DECLARED

    def as_json(self) -> str:
        return json.dumps({"exit_code": self.code, "summary": self.summary, "rows": self.rows}, indent=2)

    def as_table(self) -> str:
        if not self.rows:
            return self.summary
        columns = list(self.rows[0])
        lines = [[column.replace("_", " ").upper() for column in columns]]
        lines += [[_text(row[column]) for column in columns] for row in self.rows]
        widths = [max(len(line[index]) for line in lines) for index in range(len(columns))]
        table = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
        return "\n".join([*(line.rstrip() for line in table), "", self.summary])

    def as_markdown(self) -> str:
        if not self.rows:
            return self.summary
        columns = list(self.rows[0])
        lines = [[column.replace("_", " ") for column in columns], ["---"] * len(columns)]
        lines += [[_text(row[column]).replace("|", "\\|") for column in columns] for row in self.rows]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _text(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "-"
    return str(value).replace("\n", " ")  # a message of several lines stays in its row
