// Must not compile: the generated type does not accept a string as an event type. Never run.

package clientevent;

final class WrongEnum {
    static void send(ClientEvent event) {
        event.setEventType("NOT_AN_EVENT_TYPE");
    }
}
