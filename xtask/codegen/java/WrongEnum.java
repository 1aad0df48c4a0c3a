// Does not compile, and must not: the generated type takes no text for an event type. Never run.

package clientevent;

final class WrongEnum {
    static void send(ClientEvent event) {
        event.setEventType("NOT_AN_EVENT_TYPE");
    }
}
