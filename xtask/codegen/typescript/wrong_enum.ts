// Compiles only if the generated type refuses an event type that does not exist: otherwise an expected error is missing. Never run.

import type { ClientEvent } from "./events";

const others = { eventId: "e-1", requestId: "r-1", relatedJobNames: ["jobs/1"], eventTimestampMillis: "0" };

// @ts-expect-error
export const unknownName: ClientEvent = { ...others, eventType: "NOT_AN_EVENT_TYPE" };
// @ts-expect-error
export const otherCase: ClientEvent = { ...others, eventType: "view" };
// @ts-expect-error
export const aNumber: ClientEvent = { ...others, eventType: 6 };
