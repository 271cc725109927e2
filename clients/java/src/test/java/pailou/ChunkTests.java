package pailou;

import static pailou.Suite.equal;
import static pailou.Suite.isTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Credits and long messages in the state machine of a connection. */
final class ChunkTests {
    private static final Consumer<Settings> DEFAULTS = settings -> {};
    private static final Consumer<Settings> QUIET = settings -> settings.keepAlive = Duration.ofDays(1);
    private static final String BIG = "\"" + "x".repeat(20 * 65_536) + "\"";

    private ChunkTests() {}

    static void addTo(Suite suite) {
        credits(suite);
        chunkedCalls(suite);
        chunkedReplies(suite);
    }

    private static void credits(Suite suite) {
        suite.group("credits");
        suite.test("are given back in halves of the window, as the reader takes items", () -> {
            Machine machine = Machine.negotiated(DEFAULTS);
            Machine.Fate fate = new Machine.Fate();
            fate.takesEvents = true;
            machine.call("{}", 0, 4, fate);
            equal(machine.sent().get(0).get("meta"), Map.of("stream", Map.of("credit", 4L)));
            for (int seq = 1; seq <= 4; seq++) {
                machine.event(1, seq, "item");
            }
            equal(fate.events.size(), 4);
            machine.session.consumed(fate.call);
            equal(machine.sent(), List.of());
            machine.session.consumed(fate.call);
            equal(machine.sent().get(0).get("params"), Map.of("id", 1L, "n", 2L));
            machine.event(1, 5, "item");
            machine.event(1, 6, "item");
            equal(machine.session.state(), Session.State.OPEN);
            machine.event(1, 7, "item");
            equal(machine.session.failure().reason(), "protocol");
        });
        suite.test("progress and log lines cost none", () -> {
            Machine machine = Machine.negotiated(DEFAULTS);
            machine.call("{}", 0, 1);
            for (int seq = 1; seq < 50; seq++) {
                machine.event(1, seq, seq % 2 == 0 ? "progress" : "log");
            }
            equal(machine.session.state(), Session.State.OPEN);
        });
        suite.test("a byte stream's chunks cost them, except an empty last one", () -> {
            Machine machine = Machine.negotiated(DEFAULTS);
            Machine.Fate fate = new Machine.Fate();
            fate.takesChunks = true;
            machine.call("{}", 0, 2, fate);
            machine.receiveX(Map.of("id", 1, "content", "c"), 6, "ab");
            machine.receiveX(Map.of("id", 1), 6, "c");
            machine.receiveX(Map.of("id", 1), 2, "");
            equal(fate.chunks, List.of("abc", "cnull", "null"));
            equal(List.of(fate.settled, machine.session.state()), List.of(1, Session.State.OPEN));
        });
        suite.test("octets that nobody asked for end the call", () -> {
            Machine machine = Machine.negotiated(DEFAULTS);
            Machine.Fate call = machine.call();
            machine.sent();
            machine.receiveX(Map.of("id", 1, "content", Map.of()), 6, "ab");
            equal(call.error.reason(), "stream");
            equal(machine.sent().get(0).get("method"), "rpc.cancel");
        });
    }

    private static void chunkedCalls(Suite suite) {
        suite.group("chunked calls");
        suite.test("leave as far as there is credit, and small calls pass them", () -> {
            Machine machine = Machine.negotiated(DEFAULTS);
            machine.call(BIG, 0, 0);
            machine.call();
            List<Map<String, Object>> sent = machine.sent();
            equal(sent.get(0).get("id"), 2L);
            equal(sent.size(), 17);
            equal(List.of(sent.get(1).get("method"), sent.get(1).get("flags")), List.of("m", 4));
            equal(sent.get(2).keySet(), java.util.Set.of("jsonrpc", "id", "flags", "payload"));
            machine.notify("rpc.credit", Map.of("id", 1, "n", 8));
            List<Map<String, Object>> rest = machine.sent();
            equal(rest.stream().map(chunk -> chunk.get("flags")).toList(), List.of(4, 4, 4, 4, 0));
            StringBuilder text = new StringBuilder();
            sent.subList(1, 17).forEach(chunk -> text.append(chunk.get("payload")));
            rest.forEach(chunk -> text.append(chunk.get("payload")));
            isTrue(text.toString().equals(BIG), "the chunks are not the parameters");
        });
        suite.test("two of them give a chunk each in turn", () -> {
            Machine machine = Machine.negotiated(DEFAULTS);
            machine.call(BIG, 0, 0);
            machine.call(BIG, 0, 0);
            equal(machine.sent().stream().limit(4).map(chunk -> chunk.get("id")).toList(), List.of(1L, 2L, 1L, 2L));
        });
        suite.test("262,144 octets are a plain frame, one more is not", () -> {
            Machine machine = Machine.negotiated(DEFAULTS);
            machine.call("\"" + "x".repeat(262_142) + "\"", 0, 0);
            equal(machine.sent().get(0).get("payload"), null);
            machine.call("\"" + "x".repeat(262_143) + "\"", 0, 0);
            equal(machine.sent().stream().map(chunk -> chunk.get("flags")).toList(), List.of(4, 4, 4, 4, 0));
        });
        suite.test("an error before the last chunk ends the sending", () -> {
            Machine machine = Machine.negotiated(DEFAULTS);
            Machine.Fate call = machine.call(BIG, 0, 0);
            machine.sent();
            machine.error(1, -32601, Map.of());
            machine.notify("rpc.credit", Map.of("id", 1, "n", 8));
            equal(List.of(call.error.code(), machine.sent()), List.of(-32601, List.of()));
        });
        suite.test("given up half-sent, they are cancelled", () -> {
            Machine machine = Machine.negotiated(DEFAULTS);
            Machine.Fate call = machine.call(BIG, 0, 0);
            machine.sent();
            machine.session.giveUp(call.call, machine.now, "cancelled");
            machine.notify("rpc.credit", Map.of("id", 1, "n", 8));
            equal(machine.sent().stream().map(message -> message.get("method")).toList(), List.of("rpc.cancel"));
        });
        suite.test("without credit for 60 s they are stalled", () -> {
            Machine machine = Machine.negotiated(QUIET);
            Machine.Fate call = machine.call(BIG, 0, 0);
            machine.sent();
            machine.pass(59_999);
            equal(call.settled, 0);
            machine.pass(1);
            equal(List.of(call.error.reason(), call.error.status()), List.of("stalled", "ABORTED"));
        });
    }

    private static void chunkedReplies(Suite suite) {
        suite.group("chunked replies");
        suite.test("are put together, and their credits are given back", () -> {
            Machine machine = Machine.negotiated(DEFAULTS);
            Machine.Fate call = machine.call();
            machine.sent();
            String text = "\"" + "y".repeat(30) + "\"";
            for (int at = 0; at < text.length(); at++) {
                Object header = at == 0 ? Map.of("id", 1, "meta", Map.of("server_ms", 7)) : Map.of("id", 1);
                machine.receiveX(header, at + 1 < text.length() ? 4 : 0, text.substring(at, at + 1));
            }
            equal(List.of(call.result, call.meta), List.of("y".repeat(30), Map.of("server_ms", 7L)));
            equal(machine.sent().stream().map(m -> ((Map<?, ?>) m.get("params")).get("n")).toList(), List.of(8L, 8L, 8L));
        });
        suite.test("a whole message in an x-frame costs no credit", () -> {
            Machine machine = Machine.negotiated(DEFAULTS);
            Machine.Fate call = machine.call("{}", 0, 1);
            machine.receiveX(Map.of("id", 1), 0, "[1]");
            equal(call.result, List.of(1L));
        });
        suite.test("that do not go on for 30 s end the call", () -> {
            Machine machine = Machine.negotiated(QUIET);
            Machine.Fate call = machine.call();
            machine.receiveX(Map.of("id", 1), 4, "[");
            machine.pass(30_000);
            equal(List.of(call.error.reason(), call.error.status()), List.of("frame", "DEADLINE_EXCEEDED"));
        });
        suite.test("beyond the budget, only the oldest gets credit", () -> {
            Machine machine = Machine.negotiated(settings -> settings.partialBytesMax = 1000);
            Machine.Fate oldest = machine.call();
            Machine.Fate other = machine.call();
            machine.sent();
            chunks(machine, 1, 8);
            equal(credits(machine), List.of(Map.of("id", 1L, "n", 8L)));
            chunks(machine, 2, 12);
            equal(credits(machine), List.of());
            chunks(machine, 1, 8);
            equal(credits(machine), List.of(Map.of("id", 1L, "n", 8L)));
            machine.receiveX(Map.of("id", 1), 0, "1");
            equal(oldest.result, 1L);
            equal(credits(machine), List.of(Map.of("id", 2L, "n", 12L)));
            machine.receiveX(Map.of("id", 2), 0, "2");
            equal(other.result, 2L);
        });
        suite.test("whose credit is withheld are not overdue", () -> {
            Machine machine = Machine.negotiated(QUIET.andThen(settings -> settings.partialBytesMax = 100));
            machine.call();
            Machine.Fate other = machine.call();
            chunks(machine, 1, 2);
            chunks(machine, 2, 16);
            machine.pass(29_999);
            chunks(machine, 1, 1);
            machine.pass(1);
            equal(other.settled, 0);
        });
        suite.test("beyond the limit end the call, not the connection", () -> {
            Machine machine = Machine.negotiated(settings -> settings.frameBytesMax = 1000);
            Machine.Fate call = machine.call();
            machine.sent();
            machine.receiveX(Map.of("id", 1), 4, "x".repeat(600));
            machine.receiveX(Map.of("id", 1), 4, "x".repeat(600));
            equal(List.of(call.error.code(), machine.session.state()), List.of(-32070, Session.State.OPEN));
            machine.receiveX(Map.of("id", 1), 0, "x");
            equal(machine.session.isIdle(), true);
        });
    }

    private static void chunks(Machine machine, long id, int count) {
        for (int n = 0; n < count; n++) {
            machine.receiveX(Map.of("id", id), Frame.MORE, " ".repeat(80));
        }
    }

    private static List<Object> credits(Machine machine) {
        return machine.sent().stream().map(message -> message.get("params")).toList();
    }
}
