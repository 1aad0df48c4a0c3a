// Exports the types from json-schema-to-typescript under the names that the other programs use. The generator makes only types, so reading
// an event checks nothing.

import type { ClientEvent } from "./client_event";

export type { ClientEvent };
export const read = (line: string): ClientEvent => JSON.parse(line) as ClientEvent;
export const write = (event: ClientEvent): string => JSON.stringify(event);
