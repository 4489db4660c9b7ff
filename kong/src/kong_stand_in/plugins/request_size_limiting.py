"""The request-size-limiting plugin: by Content-Length at once, a chunked body as soon as it has passed the limit."""

from dataclasses import dataclass

_UNIT_BYTES = {"bytes": 1, "kilobytes": 2**10, "megabytes": 2**20}


@dataclass(frozen=True, slots=True)
class Settings:
    allowed_payload_size: int = 128
    size_unit: str = "megabytes"

    def problems(self) -> list[str]:
        found = []
        if self.size_unit not in _UNIT_BYTES:
            found.append(f"size_unit must be one of {', '.join(_UNIT_BYTES)}")
        if self.allowed_payload_size < 1:
            found.append("allowed_payload_size must be above 0")
        return found

    @property
    def limit_bytes(self) -> int:
        return self.allowed_payload_size * _UNIT_BYTES[self.size_unit]
