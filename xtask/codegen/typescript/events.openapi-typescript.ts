// What openapi-typescript generated, under the names that the programs beside this file use. It generates types only, so nothing
// is checked when an event is read.

import type { components } from "./client_event";

export type ClientEvent = components["schemas"]["ClientEvent"];
export const read = (line: string): ClientEvent => JSON.parse(line) as ClientEvent;
export const write = (event: ClientEvent): string => JSON.stringify(event);
