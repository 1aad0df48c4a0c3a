// Reads an event from each line of standard input and writes it again, through the classes with Jackson annotations that quicktype
// generated. For a refused line, writes `refused: ` and the reason. The caller judges the output.

package clientevent;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

public final class Roundtrip {
    public static void main(String[] args) throws IOException {
        // Unset fields are omitted, unlike in the generated Converter, which writes null. Unknown fields are accepted, as in Converter.
        ObjectMapper mapper = new ObjectMapper()
            .setSerializationInclusion(JsonInclude.Include.NON_NULL)
            .configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            out.print(answer(line, mapper) + "\n");
        }
        out.flush();
    }

    /** Copies the event field by field. A field with another name or type than expected does not compile. */
    private static ClientEvent copied(ClientEvent event) {
        String eventId = event.getEventID();
        EventType eventType = event.getEventType();
        String requestId = event.getRequestID();
        List<String> relatedJobNames = event.getRelatedJobNames();
        String eventTimestampMillis = event.getEventTimestampMillis();
        Map<String, String> details = event.getDetails();
        ClientEvent copy = new ClientEvent();
        copy.setEventID(eventId);
        copy.setEventType(eventType);
        copy.setRequestID(requestId);
        copy.setRelatedJobNames(relatedJobNames);
        copy.setEventTimestampMillis(eventTimestampMillis);
        copy.setDetails(details);
        return copy;
    }

    private static String answer(String line, ObjectMapper mapper) {
        try {
            return mapper.writeValueAsString(copied(mapper.readValue(line, ClientEvent.class)));
        } catch (IOException refusal) {
            return "refused: " + refusal.getMessage().replaceAll("\\s+", " ");
        }
    }
}
