// Compiles only if the generated type refuses an event without a required field: otherwise an expected error is missing. Never run.

import type { ClientEvent } from "./events";

const eventId = "e-1";
const eventType = "VIEW";
const requestId = "r-1";
const relatedJobNames = ["jobs/1"];
const eventTimestampMillis = "0";

export const whole: ClientEvent = { eventId, eventType, requestId, relatedJobNames, eventTimestampMillis };
// @ts-expect-error
export const noEventId: ClientEvent = { eventType, requestId, relatedJobNames, eventTimestampMillis };
// @ts-expect-error
export const noEventType: ClientEvent = { eventId, requestId, relatedJobNames, eventTimestampMillis };
// @ts-expect-error
export const noRequestId: ClientEvent = { eventId, eventType, relatedJobNames, eventTimestampMillis };
// @ts-expect-error
export const noRelatedJobNames: ClientEvent = { eventId, eventType, requestId, eventTimestampMillis };
// @ts-expect-error
export const noEventTimestampMillis: ClientEvent = { eventId, eventType, requestId, relatedJobNames };
