package pailou;

import static pailou.Suite.equal;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

final class SessionTests {
    private static final Consumer<Settings> DEFAULTS = settings -> {};
    private static final Consumer<Settings> QUIET = settings -> settings.keepAlive = Duration.ofDays(1);

    private SessionTests() {}

    static void addTo(Suite suite) {
        hello(suite);
        calls(suite);
        end(suite);
        keepAlive(suite);
        goAway(suite);
    }

    private static void hello(Suite suite) {
        suite.group("hello");
        suite.test("says what this side speaks, and the token", () -> {
            Machine machine = new Machine(settings -> settings.token = "secret");
            Map<?, ?> params = (Map<?, ?>) machine.sent().get(0).get("params");
            equal(params.get("features"), List.of("meta", "xframe", "cancel", "stream", "goaway"));
            equal(params.get("auth"), Map.of("token", "secret"));
            equal(params.get("limits"), Map.of("frame_bytes_max", 67108864L, "in_flight_max", 256L));
        });
        suite.test("answered: both speak as agreed", () -> {
            Machine machine = Machine.negotiated(DEFAULTS);
            equal(List.of(machine.greeted, machine.session.isNegotiated()), List.of(1, true));
        });
        for (int code : new int[] {-32601, -32600, -32602}) {
            suite.test("refused with " + code + ": plain", () -> {
                Machine machine = new Machine(DEFAULTS);
                machine.error(0, code, Map.of());
                equal(machine.greetingError, null);
                equal(List.of(machine.greeted, machine.session.isNegotiated()), List.of(1, false));
            });
        }
        suite.test("refused for the credentials: the session fails with that error", () -> {
            Machine machine = new Machine(DEFAULTS);
            machine.error(0, -32066, Map.of("reason", "credentials"));
            equal(machine.greetingError.reason(), "credentials");
            equal(machine.session.endedOnHello(), false);
        });
        suite.test("silence for 2 s: plain; an answer that comes later still counts", () -> {
            Machine machine = new Machine(DEFAULTS);
            machine.pass(1_999);
            equal(machine.greeted, 0);
            machine.pass(1);
            equal(List.of(machine.greeted, machine.session.isNegotiated()), List.of(1, false));
            machine.reply(0, Machine.HELLO_RESULT);
            equal(List.of(machine.greeted, machine.session.isNegotiated()), List.of(1, true));
        });
        suite.test("a server that closes is known for it", () -> {
            Machine machine = new Machine(DEFAULTS);
            machine.session.ended(null);
            equal(machine.session.endedOnHello(), true);
            equal(machine.greetingError.reason(), "connection_lost");
        });
        suite.test("a plain client says nothing", () -> {
            Machine machine = new Machine(settings -> settings.isPlain = true);
            equal(machine.sent(), List.of());
            equal(machine.greeted, 1);
        });
    }

    private static void calls(Suite suite) {
        suite.group("calls");
        suite.test("carry what remains of their time", () -> {
            Machine machine = Machine.negotiated(DEFAULTS);
            machine.call("{}", 250, 0);
            equal(machine.sent().get(0).get("meta"), Map.of("timeout_ms", 250L));
        });
        suite.test("carry no meta to a plain server", () -> {
            Machine machine = new Machine(settings -> settings.isPlain = true);
            machine.call("{}", 250, 1);
            equal(machine.sent(), List.of(Map.of("jsonrpc", "2.0", "id", 1L, "method", "m", "params", Map.of())));
        });
        suite.test("beyond the limit wait for their turn, beyond the queue fail", () -> {
            Machine machine = Machine.negotiated(settings -> {
                settings.inFlightMax = 2;
                settings.waitingMax = 1;
            });
            Machine.Fate first = machine.call();
            machine.call();
            machine.call();
            Machine.Fate last = machine.call();
            equal(machine.sent().size(), 2);
            equal(List.of(last.error.reason(), last.error.isNotStarted()), List.of("overloaded", true));
            machine.reply(1, 5);
            equal(first.result, 5L);
            equal(machine.sent().get(0).get("id"), 3L);
        });
        suite.test("the server's limit in flight holds if it is smaller", () -> {
            Machine machine = Machine.negotiated(DEFAULTS, Map.of("limits", Map.of("in_flight_max", 1)));
            machine.call();
            machine.call();
            equal(machine.sent().size(), 1);
        });
        suite.test("whose time is over fail, and the server is told", () -> {
            Machine machine = Machine.negotiated(DEFAULTS);
            Machine.Fate call = machine.call("{}", 100, 0);
            machine.sent();
            machine.pass(349);
            equal(call.settled, 0);
            machine.pass(1);
            equal(call.error.reason(), "deadline");
            equal(machine.sent().get(0).get("params"), Map.of("id", 1L, "reason", "deadline"));
            machine.reply(1, "late");
            equal(call.settled, 1);
        });
        suite.test("end at their time where the server was not told it", () -> {
            Machine machine = new Machine(settings -> settings.isPlain = true);
            Machine.Fate call = machine.call("{}", 100, 0);
            machine.pass(100);
            equal(call.error.reason(), "deadline");
        });
        suite.test("whose time is over while they wait never started", () -> {
            Machine machine = Machine.negotiated(settings -> settings.inFlightMax = 1);
            machine.call();
            Machine.Fate call = machine.call("{}", 100, 0);
            machine.pass(100);
            equal(List.of(call.error.reason(), call.error.isNotStarted()), List.of("deadline", true));
        });
        suite.test("given up before they left are taken back", () -> {
            Machine machine = Machine.negotiated(DEFAULTS);
            machine.session.giveUp(machine.call().call, machine.now, "cancelled");
            equal(machine.sent(), List.of());
            equal(machine.session.isIdle(), true);
        });
        suite.test("given up on a plain server are cancelled by the name others use", () -> {
            Machine machine = new Machine(settings -> settings.isPlain = true);
            Machine.Fate call = machine.call();
            machine.sent();
            machine.session.giveUp(call.call, machine.now, "cancelled");
            equal(machine.sent().get(0).get("method"), "$/cancelRequest");
        });
        suite.test("a reply that nobody waits for, or comes twice, is ignored", () -> {
            Machine machine = Machine.negotiated(DEFAULTS);
            Machine.Fate call = machine.call();
            machine.sent();
            for (long id : new long[] {77, 1, 1}) {
                machine.reply(id, id);
            }
            equal(List.of(call.settled, call.result, machine.session.state()), List.of(1, 1L, Session.State.OPEN));
        });
        suite.test("that are larger than the server takes fail here", () -> {
            Machine machine = Machine.negotiated(DEFAULTS, Map.of("limits", Map.of("frame_bytes_max", 100)));
            Machine.Fate call = machine.call("\"" + "a".repeat(100) + "\"", 0, 0);
            equal(List.of(call.error.code(), call.error.reason()), List.of(-32070, "size"));
        });
        suite.test("sixteen lost ones retire the connection", () -> {
            Machine machine = Machine.negotiated(QUIET);
            for (int n = 0; n < 16; n++) {
                machine.call("{}", 10, 0);
            }
            Machine.Fate last = machine.call();
            machine.sent();
            machine.pass(260);
            machine.pass(29_999);
            equal(machine.session.state(), Session.State.OPEN);
            machine.pass(1);
            equal(List.of(machine.session.state(), machine.retired), List.of(Session.State.RETIRED, 1));
            machine.reply(17, 1);
            equal(List.of(machine.session.state(), last.settled), List.of(Session.State.OVER, 1));
        });
    }

    private static void end(Suite suite) {
        suite.group("end of a connection");
        suite.test("says of each call whether it may have begun", () -> {
            Machine machine = Machine.negotiated(DEFAULTS);
            Machine.Fate written = machine.call();
            machine.sent();
            Machine.Fate unwritten = machine.call();
            machine.sent(false);
            machine.session.ended(null);
            equal(List.of(written.error.reason(), written.error.isNotStarted()), List.of("connection_lost", false));
            equal(unwritten.error.isNotStarted(), true);
        });
        suite.test("the server's last words are the cause", () -> {
            Machine machine = Machine.negotiated(DEFAULTS);
            Machine.Fate call = machine.call();
            machine.receive("{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32070,\"message\":\"m\"}}");
            machine.session.ended(null);
            equal(((RpcException) call.error.getCause()).code(), -32070);
        });
        for (String text : List.of("no json", "[]", "{\"id\":1}", "")) {
            suite.test("is what '" + text + "' makes", () -> {
                Machine machine = Machine.negotiated(DEFAULTS);
                Machine.Fate call = machine.call();
                machine.receive(text);
                equal(List.of(machine.session.state(), call.error.reason()), List.of(Session.State.OVER, "connection_lost"));
                equal(((RpcException) call.error.getCause()).code(), -32700);
            });
        }
        suite.test("a frame that is not completed in time", () -> {
            Machine machine = Machine.negotiated(QUIET);
            machine.octets(new byte[] {0, 0, 0, 9, 1});
            machine.pass(30_000);
            equal(machine.session.state(), Session.State.OPEN);
            machine.pass(1);
            equal(machine.session.failure().reason(), "protocol");
        });
    }

    private static void keepAlive(Suite suite) {
        suite.group("keep-alive");
        suite.test("pings after silence, and takes any octet for life", () -> {
            Machine machine = Machine.negotiated(DEFAULTS);
            machine.pass(9_999);
            equal(machine.sent(), List.of());
            machine.pass(1);
            equal(machine.sent().get(0).get("method"), "rpc.ping");
            machine.pass(9_999);
            machine.receive("{\"jsonrpc\":\"2.0\",\"id\":\"keep-alive\",\"result\":\"pong\"}");
            machine.pass(9_999);
            equal(machine.session.state(), Session.State.OPEN);
        });
        suite.test("a server that says nothing is dead", () -> {
            Machine machine = Machine.negotiated(DEFAULTS);
            Machine.Fate call = machine.call();
            machine.sent();
            machine.pass(10_000);
            machine.pass(10_000);
            equal(List.of(machine.session.state(), call.error.reason()), List.of(Session.State.OVER, "connection_lost"));
        });
        suite.test("plain connections are left alone", () -> {
            Machine machine = new Machine(settings -> settings.isPlain = true);
            machine.pass(100_000);
            equal(List.of(machine.sent(), machine.session.state()), List.of(List.of(), Session.State.OPEN));
        });
    }

    private static void goAway(Suite suite) {
        suite.group("goaway");
        suite.test("is acknowledged; what waits is handed back, what runs finishes, then it ends", () -> {
            Machine machine = Machine.negotiated(settings -> settings.inFlightMax = 1);
            Machine.Fate running = machine.call();
            Machine.Fate waiting = machine.call();
            machine.sent();
            machine.notify("rpc.goaway", Map.of("reason", "draining", "grace_ms", 30_000));
            equal(machine.sent(), List.of(Map.of("jsonrpc", "2.0", "method", "rpc.goaway_ack")));
            equal(List.of(waiting.error.reason(), waiting.error.isNotStarted()), List.of("draining", true));
            equal(machine.call().error.isNotStarted(), true);
            machine.reply(1, 1);
            equal(List.of(running.result, machine.session.state()), List.of(1L, Session.State.OVER));
            equal(machine.session.failure(), null);
        });
        suite.test("was agreed on: then an error with this reason may speak of another server", () -> {
            Machine machine = Machine.negotiated(DEFAULTS);
            machine.call();
            machine.error(1, -32064, Map.of("reason", "draining"));
            equal(machine.session.state(), Session.State.OPEN);
        });
        suite.test("was not agreed on: then an error with this reason means it", () -> {
            Machine machine = Machine.negotiated(DEFAULTS, Map.of("features", List.of("meta")));
            Machine.Fate running = machine.call();
            Machine.Fate refused = machine.call();
            machine.error(2, -32064, Map.of("reason", "draining", "not_started", true));
            equal(List.of(machine.session.state(), refused.error.isNotStarted()), List.of(Session.State.RETIRED, true));
            machine.reply(1, 1);
            equal(List.of(machine.session.state(), running.result), List.of(Session.State.OVER, 1L));
        });
        suite.test("a long call that is ended says that it may resume", () -> {
            Machine machine = Machine.negotiated(DEFAULTS);
            Machine.Fate call = machine.call();
            machine.error(1, -32064, Map.of("reason", "draining", "resume", true));
            equal(call.error.isResumable(), true);
        });
    }
}
