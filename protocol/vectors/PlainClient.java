import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * A plain client: the JDK's blocking sockets, nothing of ours.
 *
 * <pre>java PlainClient.java HOST PORT PID</pre>
 *
 * checks what the wire specification promises such a client (P1 to P12) against a server of the demo methods whose
 * process id is PID; the last check ends it. Prints one line a check; exits with 1 if one of them fails.
 */
final class PlainClient implements AutoCloseable {
    private static final int MS_MAX = 20_000;
    private static final int FRAME_BYTES_MAX = 8 * 1024 * 1024;

    private interface Check {
        void run(PlainClient client) throws Exception;
    }

    private final Socket socket;
    private final DataInputStream input;
    private String text;

    private PlainClient(String host, int port) throws IOException {
        socket = new Socket(host, port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(MS_MAX);
        input = new DataInputStream(socket.getInputStream());
    }

    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 3) {
            System.err.println("usage: PlainClient.java HOST PORT PID");
            System.exit(64);
        }
        Map<String, Check> checks = checks(Long.parseLong(arguments[2]));
        int failures = 0;
        for (Map.Entry<String, Check> check : checks.entrySet()) {
            try (PlainClient client = new PlainClient(arguments[0], Integer.parseInt(arguments[1]))) {
                check.getValue().run(client);
                System.out.println("ok      " + check.getKey());
            } catch (Exception | AssertionError error) {
                failures += 1; // One failure must not hide the others.
                System.out.println("FAILED  " + check.getKey() + ": " + error);
            }
        }
        System.out.println(checks.size() - failures + " of " + checks.size() + " checks passed");
        System.exit(failures == 0 ? 0 : 1);
    }

    private static Map<String, Check> checks(long pid) {
        Map<String, Check> checks = new LinkedHashMap<>();
        checks.put("p1 needs no hello", PlainClient::p1);
        checks.put("p2 receives only replies to its own requests", PlainClient::p2);
        checks.put("p3 gets replies with three members and no others", PlainClient::p3);
        checks.put("p4 gets replies in any order with the octets of their ids", PlainClient::p4);
        checks.put("p5 sends batches", PlainClient::p5);
        checks.put("p6 sends one octet at a time", PlainClient::p6Octets);
        checks.put("p6 sends 64 frames in one segment", PlainClient::p6Segment);
        checks.put("p7 closes its half and still gets its replies", PlainClient::p7);
        checks.put("p8 is told a limit before the connection closes", PlainClient::p8);
        checks.put("p9 has the methods' own timeouts and no meta", PlainClient::p9);
        checks.put("p11 cancels unannounced", PlainClient::p11);
        checks.put("p12 gets long lists in parts it can take", PlainClient::p12);
        checks.put("p10 gets its replies from a server that stops", client -> client.p10(pid));
        return checks;
    }

    // The promises.

    private void p1() throws IOException {
        send(call("1", "subtract", "[42,23]"));
        equal(reply(), Map.of("jsonrpc", "2.0", "id", 1L, "result", 19L));
    }

    private void p2() throws IOException {
        send(
                call("\"count\"", "demo.count", "{\"to\":5}"), note("update", "[1]"),
                call("\"echo\"", "demo.echo", "{\"a\":1}"), note("demo.count", "{\"to\":5}"));
        socket.shutdownOutput();
        Map<Object, Object> replies = new LinkedHashMap<>();
        rest().forEach(reply -> replies.put(reply.get("id"), reply.get("result")));
        equal(replies, Map.of("count", Map.of("counted", 5L), "echo", Map.of("a", 1L)));
    }

    /** Every reply of every check is looked at; here one of each kind. */
    private void p3() throws IOException {
        send(call("1", "get_data", "[]"), call("2", "no.such.method", "[]"));
        Set<String> members = new TreeSet<>();
        for (int n = 0; n < 2; n++) {
            members.add(new TreeSet<>(reply().keySet()).toString());
        }
        equal(members, Set.of("[error, id, jsonrpc]", "[id, jsonrpc, result]"));
    }

    private void p4() throws IOException {
        send(call("\"slow\"", "demo.sleep", "{\"ms\":300}"), call("1.0", "get_data", "[]"));
        reply();
        isTrue(text.replace(" ", "").contains("\"id\":1.0,"), text);
        equal(reply().get("id"), "slow");
    }

    private void p5() throws IOException {
        send("[" + String.join(",", call("1", "sum", "[1,2,4]"), note("notify_hello", "[7]"), "{\"foo\":\"boo\"}",
                call("2", "get_data", "[]")) + "]");
        Set<String> found = new TreeSet<>();
        for (Object item : (List<?>) message()) {
            Map<?, ?> reply = checked(item);
            found.add(reply.get("id") + " " + (reply.containsKey("result") ? reply.get("result") : code(reply)));
        }
        equal(found, Set.of("1 7", "2 [hello, 5]", "null -32600"));
    }

    private void p6Octets() throws IOException {
        for (byte octet : framed(call("1", "get_data", "[]"))) {
            socket.getOutputStream().write(octet);
        }
        equal(reply().get("result"), List.of("hello", 5L));
    }

    private void p6Segment() throws IOException {
        String[] calls = new String[64];
        Map<Object, Object> expected = new LinkedHashMap<>();
        for (long n = 0; n < calls.length; n++) {
            calls[(int) n] = call("" + n, "subtract", "[" + n + ",1]");
            expected.put(n, n - 1);
        }
        send(calls);
        Map<Object, Object> found = new LinkedHashMap<>();
        for (int n = 0; n < calls.length; n++) {
            Map<?, ?> reply = reply();
            found.put(reply.get("id"), reply.get("result"));
        }
        equal(found, expected);
    }

    private void p7() throws IOException {
        send(call("1", "demo.sleep", "{\"ms\":200}"), call("2", "get_data", "[]"));
        socket.shutdownOutput();
        equal(rest().stream().map(reply -> reply.get("id")).toList(), List.of(2L, 1L));
    }

    private void p8() throws IOException {
        DataOutputStream output = new DataOutputStream(socket.getOutputStream());
        output.writeInt(FRAME_BYTES_MAX + 1);
        output.writeBytes("{".repeat(1000));
        List<Map<?, ?>> replies = rest();
        equal(replies.size(), 1);
        equal(replies.get(0).get("id"), null);
        Map<?, ?> error = (Map<?, ?>) replies.get(0).get("error");
        equal(error.get("code"), -32070L);
        equal(((Map<?, ?>) error.get("data")).get("limit"), (long) FRAME_BYTES_MAX);
    }

    private void p9() throws IOException {
        send("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"demo.sleep\",\"params\":{\"ms\":50},"
                + "\"meta\":{\"timeout_ms\":1,\"stream\":{\"credit\":1}}}");
        equal(reply().get("result"), Map.of("slept_ms", 50L));
    }

    private void p10(long pid) throws IOException {
        send(call("1", "demo.sleep", "{\"ms\":500}"), call("2", "get_data", "[]"));
        equal(reply().get("id"), 2L);
        isTrue(ProcessHandle.of(pid).orElseThrow().destroy(), "the server could not be told to stop");
        equal(rest(), List.of(Map.of("jsonrpc", "2.0", "id", 1L, "result", Map.of("slept_ms", 500L))));
    }

    private void p11() throws IOException {
        send(
                call("\"a\"", "demo.sleep", "{\"ms\":60000}"), call("\"b\"", "demo.sleep", "{\"ms\":100}"),
                note("$/cancelRequest", "{\"id\":\"a\"}"));
        Map<?, ?> cancelled = reply();
        equal(List.of(cancelled.get("id"), code(cancelled)), List.of("a", -32051L));
        equal(reply().get("result"), Map.of("slept_ms", 100L));
    }

    private void p12() throws IOException {
        long found = 0;
        for (boolean more = true; more; ) {
            send(call("1", "demo.list", "{\"total\":20000,\"after\":" + found + "}"));
            Map<?, ?> list = (Map<?, ?>) reply().get("result");
            isTrue(text.length() < 99_999, "a reply of " + text.length() + " octets");
            for (Object item : (List<?>) list.get("items")) {
                equal(((Map<?, ?>) item).get("number"), ++found);
            }
            more = (Boolean) list.get("more");
        }
        equal(found, 20_000L);
        send(call("2", "demo.list", "{\"max_bytes\":2000}"));
        equal(((Map<?, ?>) reply().get("result")).get("more"), true);
        isTrue(text.length() < 2_100, "a reply of " + text.length() + " octets");
    }

    // Messages.

    private static String call(String id, String method, String params) {
        return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"" + method + "\",\"params\":" + params + "}";
    }

    private static String note(String method, String params) {
        return "{\"jsonrpc\":\"2.0\",\"method\":\"" + method + "\",\"params\":" + params + "}";
    }

    private static byte[] framed(String... messages) throws IOException {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        DataOutputStream output = new DataOutputStream(frames);
        for (String message : messages) {
            byte[] octets = message.getBytes(StandardCharsets.UTF_8);
            output.writeInt(octets.length);
            output.write(octets);
        }
        return frames.toByteArray();
    }

    /** Sends each message in a frame of its own, all in one write. */
    private void send(String... messages) throws IOException {
        socket.getOutputStream().write(framed(messages));
    }

    /** The next frame; its octets stay in {@code text}. */
    private Object message() throws IOException {
        byte[] octets = new byte[input.readInt()];
        input.readFully(octets);
        text = new String(octets, StandardCharsets.UTF_8);
        return new Reader(text).whole();
    }

    private Map<?, ?> reply() throws IOException {
        return checked(message());
    }

    /** All replies until the server ends the connection. */
    private List<Map<?, ?>> rest() throws IOException {
        List<Map<?, ?>> replies = new ArrayList<>();
        for (;;) {
            int first = input.read();
            if (first < 0) {
                return replies;
            }
            byte[] octets = new byte[first << 24 | input.readUnsignedByte() << 16 | input.readUnsignedShort()];
            input.readFully(octets);
            replies.add(checked(new Reader(new String(octets, StandardCharsets.UTF_8)).whole()));
        }
    }

    /** P3: a reply has these members and no others. */
    private static Map<?, ?> checked(Object message) {
        Map<?, ?> reply = (Map<?, ?>) message;
        Set<?> members = reply.keySet();
        isTrue(members.equals(Set.of("jsonrpc", "id", "result")) || members.equals(Set.of("jsonrpc", "id", "error")),
                "P3: not a plain reply: " + reply);
        equal(reply.get("jsonrpc"), "2.0");
        if (reply.get("error") instanceof Map<?, ?> error) {
            isTrue(error.get("code") instanceof Long && error.get("message") instanceof String, "P3: not an error: " + error);
        }
        return reply;
    }

    private static Object code(Map<?, ?> reply) {
        return ((Map<?, ?>) reply.get("error")).get("code");
    }

    private static void equal(Object found, Object expected) {
        isTrue(Objects.equals(found, expected), "expected " + expected + ", found " + found);
    }

    private static void isTrue(boolean condition, String otherwise) {
        if (!condition) {
            throw new AssertionError(otherwise);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /** JSON, as far as replies need it: the JDK has no reader of its own. */
    private static final class Reader {
        private final String text;
        private int at;

        Reader(String text) {
            this.text = text;
        }

        Object whole() {
            Object value = value();
            isTrue(at == text.length(), "expected the end of the message at " + at + ": " + text);
            return value;
        }

        private Object value() {
            switch (text.charAt(at)) {
                case '{':
                    Map<String, Object> object = new LinkedHashMap<>();
                    for (at++; !take('}'); take(',')) {
                        String name = string();
                        isTrue(take(':'), "expected a colon at " + at + ": " + text);
                        object.put(name, value());
                    }
                    return object;
                case '[':
                    List<Object> array = new ArrayList<>();
                    for (at++; !take(']'); take(',')) {
                        array.add(value());
                    }
                    return array;
                case '"':
                    return string();
                default:
                    return word();
            }
        }

        private boolean take(char expected) {
            boolean isThere = text.charAt(at) == expected;
            at += isThere ? 1 : 0;
            return isThere;
        }

        private String string() {
            StringBuilder string = new StringBuilder();
            for (at++; !take('"'); at++) {
                boolean isEscape = take('\\');
                string.append(text.charAt(at));
                isTrue(!isEscape || "\"\\/".indexOf(text.charAt(at)) >= 0, "an escape no reply needs: " + text);
            }
            return string.toString();
        }

        private Object word() {
            int start = at;
            while (at < text.length() && ",]}".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            String word = text.substring(start, at);
            switch (word) {
                case "true":
                    return true;
                case "false":
                    return false;
                case "null":
                    return null;
                default:
                    return word.matches("-?\\d+") ? (Object) Long.parseLong(word) : (Object) Double.parseDouble(word);
            }
        }
    }
}
