"""A front of a broker, for .ci/kafka_server.py: a TCP proxy that can be cut, and that can require TLS and a login (SASL).

The front answers the login itself, with the SCRAM server of `scramp`, and passes everything else on.
"""

import socket
import ssl
import struct
import threading

from scramp import ScramMechanism

API_VERSIONS, SASL_HANDSHAKE, SASL_AUTHENTICATE = 18, 17, 36
ILLEGAL_MECHANISM, AUTHENTICATION_FAILED = 33, 58


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def read_exactly(stream, length):
    data = b""
    while len(data) < length:
        more = stream.recv(length - len(data))
        if not more:
            raise ConnectionError("the peer has closed the connection")
        data += more
    return data


def read_frame(stream):
    return read_exactly(stream, struct.unpack(">I", read_exactly(stream, 4))[0])


def send_frame(stream, data):
    stream.sendall(struct.pack(">I", len(data)) + data)


def text_at(data, at):
    length = struct.unpack_from(">h", data, at)[0]
    return data[at + 2 : at + 2 + length].decode(), at + 2 + length


class Login:
    """The login of one connection. `user` is the mechanism, the name and the password."""

    def __init__(self, mechanism, user, password):
        self.mechanism, self.user, self.password = mechanism, user, password
        self.scram, self.is_done = None, False

    def answer(self, key, body):
        if key == SASL_HANDSHAKE:
            code = 0 if text_at(body, 0)[0] == self.mechanism else ILLEGAL_MECHANISM
            name = self.mechanism.encode()
            return struct.pack(">hih", code, 1, len(name)) + name
        length = struct.unpack_from(">i", body, 0)[0]
        code, data = self.step(body[4 : 4 + length].decode())
        return struct.pack(">hhi", code, -1, len(data)) + data + struct.pack(">q", 0)

    def step(self, data):
        if self.mechanism == "PLAIN":
            self.is_done = data == f"\0{self.user}\0{self.password}"
            return (0 if self.is_done else AUTHENTICATION_FAILED), b""
        if self.scram is None:
            mechanism = ScramMechanism(self.mechanism)
            known = mechanism.make_auth_info(self.password)
            self.scram = mechanism.make_server(lambda _: known)
            self.scram.set_client_first(data)
            return 0, self.scram.get_server_first().encode()
        try:
            self.scram.set_client_final(data)
        except Exception:
            return AUTHENTICATION_FAILED, b""
        self.is_done = True
        return 0, self.scram.get_server_final().encode()


class Front:
    """Listens on a port of its own and connects to a port."""

    def __init__(self, port_behind, port=None, tls=None, login=None):
        self.port_behind, self.tls, self.login = port_behind, tls, login
        self.port = port or free_port()
        self.listener, self.pairs = None, []
        self.start()

    def start(self):
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self.accept, args=[self.listener], daemon=True).start()

    def stop(self):
        """Refuses connections and resets those that are open, as a killed broker does."""
        listener, self.listener = self.listener, None
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for end in [end for pair in self.pairs for end in pair]:
            try:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()
        self.pairs = []

    def accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=[client], daemon=True).start()

    def serve(self, client):
        try:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.tls is not None:
                client = self.tls.wrap_socket(client, server_side=True)
            if self.login is not None:
                self.log_in(client, Login(*self.login))
            broker = socket.create_connection(("127.0.0.1", self.port_behind))
            broker.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except (OSError, ssl.SSLError):
            client.close()
            return
        self.pairs.append((client, broker))
        for source, sink in ((client, broker), (broker, client)):
            threading.Thread(target=pipe, args=[source, sink], daemon=True).start()

    def log_in(self, client, login):
        """Answers requests until the login is done. Its versions are the versions of the broker and of the two requests of the login."""
        while not login.is_done:
            request = read_frame(client)
            key, version, correlation = struct.unpack_from(">hhi", request)
            _, at = text_at(request, 8)
            if key == API_VERSIONS:
                assert version == 0, version
                with socket.create_connection(("127.0.0.1", self.port_behind)) as broker:
                    send_frame(broker, request)
                    answer = read_frame(broker)[4:]
                count = struct.unpack_from(">i", answer, 2)[0]
                all_of_broker = [answer[6 + 6 * n : 12 + 6 * n] for n in range(count)]
                others = [one for one in all_of_broker if struct.unpack(">h", one[:2])[0] not in (SASL_HANDSHAKE, SASL_AUTHENTICATE)]
                own = [struct.pack(">hhh", SASL_HANDSHAKE, 0, 1), struct.pack(">hhh", SASL_AUTHENTICATE, 0, 1)]
                body = struct.pack(">hi", 0, len(others) + 2) + b"".join([*others, *own])
            elif key in (SASL_HANDSHAKE, SASL_AUTHENTICATE):
                assert version == 1, version
                body = login.answer(key, request[at:])
            else:
                raise ConnectionError("a request before the login")
            send_frame(client, struct.pack(">i", correlation) + body)


def pipe(source, sink):
    try:
        while data := source.recv(1 << 16):
            sink.sendall(data)
    except (OSError, ssl.SSLError):
        pass
    for end in (source, sink):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
