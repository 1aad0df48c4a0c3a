// What json-schema-to-typescript generated, under the names that the programs beside this file use. It generates types only, so
// nothing is checked when an event is read.

import type { ClientEvent } from "./client_event";

export type { ClientEvent };
export const read = (line: string): ClientEvent => JSON.parse(line) as ClientEvent;
export const write = (event: ClientEvent): string => JSON.stringify(event);
