// Exports the types from openapi-typescript under the names that the other programs use. The generator makes only types, so reading an
// event checks nothing.

import type { components } from "./client_event";

export type ClientEvent = components["schemas"]["ClientEvent"];
export const read = (line: string): ClientEvent => JSON.parse(line) as ClientEvent;
export const write = (event: ClientEvent): string => JSON.stringify(event);
