"""Reads an event from each line of standard input and writes it again, through the model that datamodel-code-generator generated. For a
refused line, writes `refused: ` and the reason. The caller judges the output."""

import sys

from client_event import ClientEvent, EventType
from pydantic import ValidationError


def answer(line: str) -> str:
    try:
        # Unset fields are omitted, not null.
        return ClientEvent.model_validate_json(line).model_dump_json(exclude_none=True)
    except ValidationError as error:
        return "refused: " + " ".join(str(error).split())


# The expected types. A union of strings and numbers, for example, would be harder to use.
TYPES = {
    "eventId": str,
    "eventType": EventType,
    "requestId": str,
    "relatedJobNames": list[str],
    "eventTimestampMillis": str,
}
for name, wanted in TYPES.items():
    found = ClientEvent.model_fields[name].annotation
    if found != wanted:
        raise SystemExit(f"{name} is {found}, expected {wanted}")

sys.stdin.reconfigure(encoding="utf-8", newline="\n")
sys.stdout.reconfigure(encoding="utf-8", newline="\n")
for line in sys.stdin:
    print(answer(line))
