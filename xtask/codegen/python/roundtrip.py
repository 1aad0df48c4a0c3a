"""Reads an event from each line of the standard input and writes it again, through the model that datamodel-code-generator made;
a line that the model refuses is answered with `refused: ` and why. Whether the lines are the right ones is judged by whoever runs
this."""

import sys

from client_event import ClientEvent, EventType
from pydantic import ValidationError


def answer(line: str) -> str:
    try:
        # A field that is not set is absent on the wire, not null.
        return ClientEvent.model_validate_json(line).model_dump_json(exclude_none=True)
    except ValidationError as error:
        return "refused: " + " ".join(str(error).split())


# What teams should get; a union of strings and numbers, say, would serve them badly.
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
