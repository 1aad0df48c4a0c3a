// Reads an event from each line of standard input and writes it again, through the type that quicktype generated. For a refused line,
// writes `refused: ` and the reason. The caller judges the output.

package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

// The maximum length of a line. A page of results with its job names takes a few thousand bytes.
const longestLine = 1 << 20

// copied copies the event field by field. A field with another name or type than expected does not compile.
func copied(event ClientEvent) ClientEvent {
	var (
		eventID, requestID, eventTimestampMillis string            = event.EventID, event.RequestID, event.EventTimestampMillis
		eventType                                EventType         = event.EventType
		relatedJobNames                          []string          = event.RelatedJobNames
		details                                  map[string]string = event.Details
	)
	return ClientEvent{
		EventID:              eventID,
		EventType:            eventType,
		RequestID:            requestID,
		RelatedJobNames:      relatedJobNames,
		EventTimestampMillis: eventTimestampMillis,
		Details:              details,
	}
}

func answer(line []byte) string {
	event, err := UnmarshalClientEvent(line)
	if err != nil {
		return "refused: " + strings.Join(strings.Fields(err.Error()), " ")
	}
	copy := copied(event)
	written, err := copy.Marshal()
	if err != nil {
		return "refused to write: " + strings.Join(strings.Fields(err.Error()), " ")
	}
	return string(written)
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 0, 64*1024), longestLine)
	out := bufio.NewWriter(os.Stdout)
	for lines.Scan() {
		fmt.Fprintln(out, answer(lines.Bytes()))
	}
	if err := lines.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if err := out.Flush(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
