// What quicktype generated, under the names that the programs beside this file use. Its converter checks what it reads.

import { Convert, type ClientEvent } from "./client_event";

export type { ClientEvent };
export const read = (line: string): ClientEvent => Convert.toClientEvent(line);
export const write = (event: ClientEvent): string => Convert.clientEventToJson(event);
