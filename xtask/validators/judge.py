"""Validates each line of standard input, a JSON document, with a Python validator and one schema:

    python judge.py <jsonschema | fastjsonschema> <2020-12 | draft-07> <schema file>

Writes one line per document: the verdict (`valid`, `invalid` or `error`), a tab, the reason, and a tab. Integers are exact in Python, so
there are no rounded numbers to report. The caller knows the expected verdicts."""

import json
import sys
from typing import Any, Callable

import fastjsonschema
import jsonschema

DRAFTS = {"2020-12": jsonschema.Draft202012Validator, "draft-07": jsonschema.Draft7Validator}


def with_jsonschema(draft: str, schema: Any) -> Callable[[Any], list[str]]:
    DRAFTS[draft].check_schema(schema)
    validator = DRAFTS[draft](schema)
    return lambda data: [f"{error.json_path} {error.message}" for error in validator.iter_errors(data)]


def with_fastjsonschema(draft: str, schema: Any) -> Callable[[Any], list[str]]:
    if draft != "draft-07":
        raise SystemExit("fastjsonschema supports no draft later than draft-07")
    validate = fastjsonschema.compile(schema)

    def problems(data: Any) -> list[str]:
        try:
            validate(data)
        except fastjsonschema.JsonSchemaValueException as refusal:
            return [refusal.message]
        return []

    return problems


def verdict(problems: Callable[[Any], list[str]], line: str) -> tuple[str, str]:
    try:
        found = problems(json.loads(line))
    except (ValueError, TypeError, RecursionError) as error:
        return "error", repr(error)
    return ("invalid", "; ".join(found)) if found else ("valid", "")


def main() -> None:
    engine, draft, path = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        schema = json.load(file)
    try:
        problems = {"jsonschema": with_jsonschema, "fastjsonschema": with_fastjsonschema}[engine](draft, schema)
    except (jsonschema.SchemaError, fastjsonschema.JsonSchemaDefinitionException) as error:
        raise SystemExit(str(error)) from error
    sys.stdin.reconfigure(encoding="utf-8", newline="\n")
    # A document may contain half of a surrogate pair, which UTF-8 cannot encode.
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
    for line in sys.stdin:
        found, why = verdict(problems, line)
        print(found, " ".join(why.split()), "", sep="\t")


main()
