// Exports the types from quicktype under the names that the other programs use. The converter of quicktype checks each event that it reads.

import { Convert, type ClientEvent } from "./client_event";

export type { ClientEvent };
export const read = (line: string): ClientEvent => Convert.toClientEvent(line);
export const write = (event: ClientEvent): string => Convert.clientEventToJson(event);
