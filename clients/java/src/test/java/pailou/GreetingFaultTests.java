package pailou;

import static pailou.Against.ONCE;
import static pailou.Against.QUICK;
import static pailou.Against.against;
import static pailou.Suite.equal;
import static pailou.Suite.fails;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

/** Servers that do not greet as they should, and servers that take their leave. */
final class GreetingFaultTests {
    private static final Map<String, Object> FULL =
            Map.of("status", "UNAVAILABLE", "reason", "overloaded", "not_started", true);

    private GreetingFaultTests() {}

    static void addTo(Suite suite) {
        suite.group("a server that");
        hello(suite);
        goAway(suite);
    }

    private static void hello(Suite suite) {
        suite.test("never answers hello is spoken to plainly", () -> against((peer, number) -> {
            peer.next();
            Map<String, Object> call = peer.next();
            equal(call.containsKey("meta"), false);
            peer.reply(call.get("id"), 5);
            peer.untilClosed();
        }, builder -> builder.helloTimeout(Duration.ofMillis(30)), (client, server) -> {
            equal(client.call("m", null, CallOptions.DEFAULT.timeout(Duration.ofSeconds(30))), 5L);
            equal(client.isNegotiated(), false);
        }));
        suite.test("closes at hello is spoken to plainly", () -> against((peer, number) -> {
            Map<String, Object> first = peer.next();
            if (number <= 2) {
                peer.socket.close();
            } else {
                peer.reply(first.get("id"), first.get("method"));
                peer.untilClosed();
            }
        }, builder -> {}, (client, server) -> {
            equal(client.call("m"), "m");
            equal(server.connections.get(), 3);
        }));
        suite.test("has no room is no stranger, and asked again later", () -> against((peer, number) -> {
            if (number <= 2) {
                peer.error(null, -32064, FULL);
                peer.socket.close();
                return;
            }
            peer.greet();
            peer.reply(peer.next().get("id"), "a place");
            peer.untilClosed();
        }, QUICK, (client, server) -> {
            equal(client.call("m"), "a place");
            equal(client.isNegotiated(), true);
            equal(server.connections.get(), 3);
        }));
        suite.test("has no room says so", () -> against((peer, number) -> {
            peer.error(null, -32064, FULL);
            peer.socket.close();
        }, ONCE, (client, server) -> {
            RpcException error = fails(() -> client.call("m"));
            equal(List.of(error.code(), error.reason(), error.isNotStarted()), List.of(-32064, "overloaded", true));
            equal(server.connections.get(), 1);
        }));
        suite.test("answers hello with something else than a stranger's words is not spoken to", () -> against(
                (peer, number) -> {
                    peer.error(peer.next().get("id"), -32700, Map.of("status", "INVALID_ARGUMENT", "reason", "json"));
                    peer.untilClosed();
                }, ONCE, (client, server) -> equal(fails(() -> client.call("m")).code(), -32700)));
        suite.test("stops while hello is said is greeted once more", () -> against((peer, number) -> {
            if (number == 1) {
                peer.next();
                peer.socket.close();
                return;
            }
            peer.greet();
            peer.reply(peer.next().get("id"), 1);
            peer.untilClosed();
        }, builder -> {}, (client, server) -> {
            client.call("m");
            equal(client.isNegotiated(), true);
        }));
        suite.test("refuses the credentials says so", () -> against((peer, number) -> {
            Map<String, Object> hello = peer.next();
            equal(((Map<?, ?>) hello.get("params")).get("auth"), Map.of("token", "wrong"));
            peer.error(hello.get("id"), -32066, Map.of("status", "UNAUTHENTICATED", "reason", "credentials"));
            peer.untilClosed();
        }, ONCE.andThen(builder -> builder.token("wrong")), (client, server) -> {
            RpcException error = fails(() -> client.call("m"));
            equal(List.of(error.status(), error.reason()), List.of("UNAUTHENTICATED", "credentials"));
        }));
    }

    private static void goAway(Suite suite) {
        suite.test("knows no key is not told a keyed call twice", () -> against((peer, number) -> {
            peer.reply(peer.next().get("id"), Map.of("version", 1, "features", List.of("cancel"), "limits", Map.of()));
            equal(peer.next().containsKey("meta"), false);
            peer.socket.close();
        }, QUICK, (client, server) -> {
            RpcException error = fails(() -> client.call("m", null, CallOptions.DEFAULT.idem("k")));
            equal(error.reason(), "connection_lost");
            equal(server.connections.get(), 1);
        }));
        suite.test("knows no key is not told a call that one who knew it may have done", () -> against((peer, number) -> {
            List<String> features = List.of(number == 1 ? "meta" : "cancel");
            peer.reply(peer.next().get("id"), Map.of("version", 1, "features", features, "limits", Map.of()));
            if (number == 1) {
                equal(((Map<?, ?>) peer.next().get("meta")).get("idem"), "k");
                peer.socket.close();
            } else {
                peer.untilClosed();
            }
        }, QUICK, (client, server) -> {
            RpcException error = fails(() -> client.call("m", null, CallOptions.DEFAULT.idem("k")));
            equal(List.of(error.reason(), error.isNotStarted()), List.of("idempotency_unsupported", false));
        }));
        suite.test("knows the key of a call is told it again", () -> against((peer, number) -> {
            peer.greet();
            Map<String, Object> call = peer.next();
            equal(((Map<?, ?>) call.get("meta")).get("idem"), "k");
            if (number == 1) {
                peer.socket.close();
            } else {
                peer.reply(call.get("id"), "once");
                peer.untilClosed();
            }
        }, QUICK, (client, server) -> equal(client.call("m", null, CallOptions.DEFAULT.idem("k")), "once")));
        suite.test("stops is left at once, without a token", () -> against((peer, number) -> {
            peer.greet();
            Map<String, Object> call = peer.next();
            equal(call.get("meta") instanceof Map<?, ?> meta ? meta.get("attempt") : null, number == 1 ? null : (long) number);
            if (number == 6) {
                peer.reply(call.get("id"), "the next");
            } else {
                String why = number % 2 == 0 ? "not_started" : "resume";
                peer.notify("rpc.goaway", Map.of("reason", "draining", "grace_ms", 30_000));
                peer.error(call.get("id"), -32064, Map.of("status", "UNAVAILABLE", "reason", "draining", why, true));
            }
            peer.untilClosed();
        }, QUICK.andThen(builder -> builder.retryBudget(0, 0)), (client, server) -> {
            equal(client.call("m"), "the next");
        }));
        suite.test("says goaway is left for a new connection, and what runs finishes", () -> {
            CountDownLatch acknowledged = new CountDownLatch(1);
            CountDownLatch release = new CountDownLatch(1);
            against((peer, number) -> {
                peer.greet();
                Object id = peer.next().get("id");
                if (number == 2) {
                    peer.reply(id, "new");
                    peer.untilClosed();
                    return;
                }
                peer.notify("rpc.goaway", Map.of("reason", "draining", "grace_ms", 30_000));
                equal(peer.next().get("method"), "rpc.goaway_ack");
                acknowledged.countDown();
                release.await();
                peer.reply(id, "old");
            }, QUICK, (client, server) -> {
                CompletableFuture<Object> old = client.callAsync("slow", null);
                acknowledged.await();
                equal(client.call("fast"), "new");
                release.countDown();
                equal(old.get(), "old");
            });
        });
        suite.test("ends a long call when it stops has it made again", () -> against((peer, number) -> {
            peer.greet();
            Map<String, Object> call = peer.next();
            Object id = call.get("id");
            if (number == 2) {
                Map<?, ?> meta = (Map<?, ?>) call.get("meta");
                equal(meta.get("stream"), Map.of("credit", 16L, "after", 2L));
                peer.event(id, 3, "c");
                peer.reply(id, "done");
                peer.untilClosed();
                return;
            }
            peer.event(id, 1, "a");
            peer.event(id, 2, "b");
            peer.notify("rpc.goaway", Map.of("reason", "draining", "grace_ms", 1000));
            peer.error(id, -32064, Map.of("reason", "draining", "resume", true));
            peer.untilClosed();
        }, QUICK, (client, server) -> {
            List<Object> items = new ArrayList<>();
            try (EventStream events = client.events("watch", null)) {
                events.forEach(event -> items.add(event.data()));
                equal(events.result(), "done");
            }
            equal(items, List.of("a", "b", "c"));
        }));
    }
}
