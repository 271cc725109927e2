package pailou;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A server over real sockets that does what a test tells it to. */
final class ServerDouble implements AutoCloseable {
    /** Told of every connection, counted from 1, on a thread of its own. */
    interface Serve {
        void run(Peer peer, int number) throws Exception;
    }

    final ServerSocket server;
    final AtomicInteger connections = new AtomicInteger();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private volatile Throwable failure;
    private volatile boolean isStopping;

    ServerDouble(Serve serve) throws IOException {
        this(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), serve);
    }

    ServerDouble(ServerSocket server, Serve serve) {
        this.server = server;
        Connection.daemon("double-accept", () -> accept(serve));
    }

    String address() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    private void accept(Serve serve) {
        try {
            for (;;) {
                Socket socket = server.accept();
                sockets.add(socket);
                int number = connections.incrementAndGet();
                Connection.daemon("double", () -> serve(serve, socket, number));
            }
        } catch (IOException error) {
            // Closed by the test.
        }
    }

    private void serve(Serve serve, Socket socket, int number) {
        try {
            serve.run(new Peer(socket), number);
        } catch (IOException error) {
            // A client that left is no mistake of the double's.
        } catch (Throwable error) {
            if (!isStopping) {
                failure = error;
            }
        }
    }

    @Override
    public void close() throws IOException {
        isStopping = true;
        server.close();
        for (Socket socket : sockets) {
            Sockets.closeQuietly(socket);
        }
        if (failure != null) {
            throw new AssertionError("the double: " + failure, failure);
        }
    }

    /** The client's connection as its server sees it. */
    static final class Peer {
        final Socket socket;
        private final FrameDecoder decoder = new FrameDecoder(1 << 27);

        Peer(Socket socket) throws IOException {
            this.socket = socket;
            socket.setTcpNoDelay(true);
            decoder.takesXFrames = true;
        }

        /** The client's next message. */
        @SuppressWarnings("unchecked")
        Map<String, Object> next() throws IOException {
            byte[] octets = new byte[65_536];
            for (Frame frame; ; ) {
                if ((frame = decoder.next()) != null) {
                    return new LinkedHashMap<>((Map<String, Object>) Json.parse(frame.message()));
                }
                int count = socket.getInputStream().read(octets);
                if (count < 0) {
                    throw new IOException("the client left");
                }
                decoder.add(octets, 0, count);
            }
        }

        void untilClosed() throws IOException {
            while (socket.getInputStream().read() >= 0) {
                // What the client still says does not matter.
            }
        }

        void octets(byte[] octets) throws IOException {
            socket.getOutputStream().write(octets);
        }

        void send(Object message) throws IOException {
            octets(Frame.plain(Json.write(message)));
        }

        void reply(Object id, Object result) throws IOException {
            Map<String, Object> reply = new LinkedHashMap<>();
            reply.put("jsonrpc", "2.0");
            reply.put("id", id);
            reply.put("result", result);
            send(reply);
        }

        void error(Object id, int code, Map<String, Object> data) throws IOException {
            Map<String, Object> reply = new LinkedHashMap<>();
            reply.put("jsonrpc", "2.0");
            reply.put("id", id);
            reply.put("error", Map.of("code", code, "message", "as the test wants it", "data", data));
            send(reply);
        }

        void notify(String method, Object params) throws IOException {
            send(Map.of("jsonrpc", "2.0", "method", method, "params", params));
        }

        void event(Object id, long seq, Object data) throws IOException {
            notify("rpc.event", Map.of("id", id, "seq", seq, "kind", "item", "data", data));
        }

        void chunk(Object header, int flags, String payload) throws IOException {
            octets(Frame.x(Json.write(header), flags, payload.getBytes(), 0, payload.length()));
        }

        /** Answers hello. */
        Map<?, ?> greet() throws IOException {
            Map<String, Object> hello = next();
            Suite.equal(hello.get("method"), "rpc.hello");
            reply(hello.get("id"), Machine.HELLO_RESULT);
            return hello;
        }
    }
}
