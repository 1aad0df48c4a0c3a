// Reads an event from each line of standard input and writes it again, through the generated type. For a refused line, writes `refused: `
// and the reason. Only ./events depends on the generator. The caller judges the output.

import { readFileSync } from "node:fs";
import { read, write, type ClientEvent } from "./events";

/** Copies the event field by field. A field with another name or type than expected does not compile. */
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
