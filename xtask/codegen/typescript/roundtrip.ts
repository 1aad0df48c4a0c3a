// Reads an event from each line of the standard input and writes it again, through the generated type; a line that the generated
// code refuses is answered with `refused: ` and why. Which generator made the type is known to ./events only; whether the lines
// are the right ones is judged by whoever runs this.

import { readFileSync } from "node:fs";
import { read, write, type ClientEvent } from "./events";

/** A copy made field by field, so that a field of another name, or of another type than teams should get, does not compile. */
function copied(event: ClientEvent): ClientEvent {
  const { eventType, details } = event;
  const eventId: string = event.eventId;
  const requestId: string = event.requestId;
  const relatedJobNames: string[] = event.relatedJobNames;
  const eventTimestampMillis: string = event.eventTimestampMillis;
  const copy: ClientEvent = { eventId, eventType, requestId, relatedJobNames, eventTimestampMillis };
  if (details !== undefined) {
    copy.details = details;
  }
  return copy;
}

function answer(line: string): string {
  try {
    return write(copied(read(line))).replace(/\n\s*/g, " ");
  } catch (error) {
    return `refused: ${String(error).replace(/\s+/g, " ")}`;
  }
}

const lines = readFileSync(0, "utf8").split("\n").filter((line) => line !== "");
process.stdout.write(lines.map((line) => `${answer(line)}\n`).join(""));
