// Reads an event from each line of the standard input and writes it again, through the type that quicktype generated; a line that
// is refused is answered with `refused: ` and why. Whether the lines are the right ones is judged by whoever runs this.

package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

// No line is longer: a page of results with its job names takes a few thousand bytes.
const longestLine = 1 << 20

// copied makes a copy field by field, so that a field of another name, or of another type than teams should get, does not
// compile.
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
