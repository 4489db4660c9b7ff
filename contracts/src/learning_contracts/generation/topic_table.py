"""The topics as a Markdown page, for documents to include or point at."""

from collections.abc import Iterator, Sequence

from learning_contracts.generation.model import EventSchema
from learning_contracts.topics import Topic

_HEAD = "| topic | key | produced by | consumed by | partitions | kept | event types |"


def topic_page(topics: Sequence[Topic], schemas: Sequence[EventSchema], note: str) -> str:
    by_type = {schema.type: schema for schema in schemas}
    lines = [f"<!-- {note} -->", "", "# Topics and events", "", _HEAD, "|---|---|---|---|---|---|---|"]
    lines += [_row(topic) for topic in topics]
    for topic in topics:
        lines += ["", f"## {topic.name}", "", topic.description]
        for event_type in topic.event_types:
            lines += _event(by_type[event_type])
    return "\n".join(lines) + "\n"


def _row(topic: Topic) -> str:
    cells = [
        f"`{topic.name}`",
        f"`{topic.key}`",
        ", ".join(topic.producers),
        ", ".join(topic.consumers) or "whoever wants to know",
        str(topic.partitions),
        f"{topic.retention_days} days",
        ", ".join(f"`{event_type}`" for event_type in topic.event_types),
    ]
    return f"| {' | '.join(cells)} |"


def _event(event: EventSchema) -> Iterator[str]:
    yield from ("", f"### `{event.type}`", "", event.record.description, "", "| field | | |", "|---|---|---|")
    for field in event.record.fields:
        yield f"| `{field.name}` | {'optional' if field.optional else ''} | {field.description} |"
