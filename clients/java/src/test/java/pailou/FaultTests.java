package pailou;

import static pailou.Against.ONCE;
import static pailou.Against.QUICK;
import static pailou.Against.against;
import static pailou.Suite.equal;
import static pailou.Suite.fails;
import static pailou.Suite.isTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

/** What goes wrong between real sockets. */
final class FaultTests {
    private FaultTests() {}

    static void addTo(Suite suite) {
        suite.group("a server that");
        connections(suite);
        garbage(suite);
        suite.group("addresses");
        addresses(suite);
    }

    private static void connections(Suite suite) {
        suite.test("cuts in the middle of a frame", () -> against((peer, number) -> {
            peer.greet();
            peer.next();
            peer.octets(new byte[] {0, 0, 0, 50, '{', '"'});
            peer.socket.close();
        }, ONCE, (client, server) -> {
            RpcException error = fails(() -> client.call("m"));
            equal(List.of(error.status(), error.reason(), error.isNotStarted()), List.of("UNAVAILABLE", "connection_lost", false));
        }));
        suite.test("is cut: an idempotent call is made again on a new connection", () -> against((peer, number) -> {
            peer.greet();
            Map<String, Object> call = peer.next();
            if (number == 1) {
                peer.socket.close();
            } else {
                equal(call.get("meta"), Map.of("attempt", 2L));
                peer.reply(call.get("id"), "second");
            }
        }, QUICK, (client, server) -> {
            equal(client.call("m", null, CallOptions.DEFAULT.idempotent()), "second");
            equal(server.connections.get(), 2);
        }));
        suite.test("is cut: another call is not made again", () -> against((peer, number) -> {
            peer.greet();
            peer.next();
            peer.socket.close();
        }, QUICK, (client, server) -> {
            equal(fails(() -> client.call("m")).reason(), "connection_lost");
            equal(server.connections.get(), 1);
        }));
        suite.test("never starts a call gets it as often as the budget allows", () -> {
            List<Object> tries = new ArrayList<>();
            against((peer, number) -> {
                peer.greet();
                for (;;) {
                    Object id = peer.next().get("id");
                    tries.add(id);
                    peer.error(id, -32064, Map.of("reason", "overloaded", "not_started", true));
                }
            }, QUICK.andThen(builder -> builder.retryBudget(2, 0.1)), (client, server) -> {
                equal(fails(() -> client.call("m")).reason(), "overloaded");
                equal(tries.size(), 3);
            });
        });
        suite.test("answers late is cancelled, and its reply belongs to nobody", () -> against((peer, number) -> {
            peer.greet();
            Object late = peer.next().get("id");
            equal(peer.next().get("params"), Map.of("id", late, "reason", "deadline"));
            Object next = peer.next().get("id");
            peer.reply(late, "late");
            peer.reply(next, "own");
        }, builder -> {}, (client, server) -> {
            client.connect();
            CallOptions soon = CallOptions.DEFAULT.timeout(Duration.ofMillis(200));
            equal(fails(() -> client.call("m", null, soon)).reason(), "deadline");
            equal(client.call("m"), "own");
        }));
        suite.test("is given up while it connects can be asked again", () -> {
            CountDownLatch release = new CountDownLatch(1);
            against((peer, number) -> {
                release.await();
                peer.greet();
                for (;;) {
                    peer.reply(peer.next().get("id"), "here");
                }
            }, QUICK, (client, server) -> {
                CallOptions soon = CallOptions.DEFAULT.timeout(Duration.ofMillis(10));
                equal(fails(() -> client.stream("m", null, soon)).reason(), "deadline");
                try (EventStream events = client.events("m", null, soon)) {
                    equal(fails(events::result).reason(), "deadline");
                }
                release.countDown();
                equal(client.call("m"), "here");
            });
        });
        suite.test("has 600 calls cancelled at once goes on", () -> against((peer, number) -> {
            peer.greet();
            for (;;) {
                Map<String, Object> message = peer.next();
                if ("rpc.cancel".equals(message.get("method"))) {
                    peer.error(((Map<?, ?>) message.get("params")).get("id"), -32051, Map.of("reason", "cancelled"));
                } else if ("m".equals(message.get("method"))) {
                    peer.reply(message.get("id"), "here");
                }
            }
        }, QUICK, (client, server) -> {
            List<CompletableFuture<Object>> calls = new ArrayList<>();
            client.connect();
            for (int n = 0; n < 600; n++) {
                calls.add(client.callAsync("slow", null));
            }
            calls.forEach(call -> call.cancel(true));
            equal(client.call("m"), "here");
        }));
        suite.test("is too busy says when to come again", () -> against((peer, number) -> {
            peer.greet();
            peer.error(peer.next().get("id"), -32058, Map.of("reason", "rate", "not_started", true, "retry_after_ms", 30));
            peer.reply(peer.next().get("id"), "now");
            peer.untilClosed();
        }, QUICK, (client, server) -> {
            long start = Clock.now();
            equal(client.call("m"), "now");
            isTrue(Clock.now() - start >= Duration.ofMillis(30).toNanos(), "it came too early");
        }));
        suite.test("goes on with a byte stream that nobody asked for", () -> against((peer, number) -> {
            peer.greet();
            Object id = peer.next().get("id");
            peer.chunk(Map.of("id", id, "content", Map.of()), 6, "a");
            equal(peer.next().get("method"), "rpc.cancel");
            peer.chunk(Map.of("id", id), 6, "b");
            peer.error(id, -32051, Map.of());
            peer.reply(peer.next().get("id"), "here");
            peer.untilClosed();
        }, QUICK, (client, server) -> {
            equal(fails(() -> client.call("m")).reason(), "stream");
            equal(client.call("m"), "here");
        }));
        suite.test("dribbles is understood", () -> against((peer, number) -> {
            peer.greet();
            Object id = peer.next().get("id");
            for (byte octet : Frame.plain("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":\"slow\"}")) {
                peer.octets(new byte[] {octet});
            }
            peer.untilClosed();
        }, ONCE, (client, server) -> equal(client.call("m"), "slow")));
        suite.test("answers twice is heard once", () -> against((peer, number) -> {
            peer.greet();
            for (;;) {
                Object id = peer.next().get("id");
                peer.reply(id, id);
                peer.reply(id, "again");
            }
        }, ONCE, (client, server) -> equal(List.of(client.call("m"), client.call("m")), List.of(1L, 2L))));
        suite.test("says nothing any more is given up", () -> against((peer, number) -> {
            peer.greet();
            peer.untilClosed();
        }, ONCE.andThen(builder -> builder.keepAlive(Duration.ofMillis(40))), (client, server) ->
                equal(fails(() -> client.call("m")).reason(), "connection_lost")));
    }

    private static void garbage(Suite suite) {
        Map<String, byte[]> garbage = Map.of(
                "garbage", "HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(), "what is no JSON", Frame.plain("nonsense"),
                "a frame longer than is taken", HexFormat.of().parseHex("7fffffff"),
                "an x-frame cut short", HexFormat.of().parseHex("80000001aa"));
        garbage.forEach((name, octets) -> suite.test("sends " + name + " is disconnected", () -> against((peer, number) -> {
            peer.greet();
            peer.next();
            peer.octets(octets);
            peer.untilClosed();
        }, ONCE, (client, server) -> {
            RpcException error = fails(() -> client.call("m"));
            equal(error.reason(), "connection_lost");
            isTrue(error.getCause() instanceof RpcException cause && List.of(-32700, -32070).contains(cause.code()), error.getCause());
        })));
    }

    private static int closedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void addresses(Suite suite) {
        suite.test("the next one is tried when one refuses", () -> {
            try (ServerDouble server = new ServerDouble((peer, number) -> {
                peer.greet();
                peer.reply(peer.next().get("id"), "here");
                peer.untilClosed();
            }); PailouClient client = PailouClient.builder("127.0.0.1:" + closedPort(), server.address())
                    .retry(RetryPolicy.NONE).build()) {
                equal(client.call("m"), "here");
            }
        });
        suite.test("nobody there: unreachable", () -> {
            ClientBuilder builder = PailouClient.builder("127.0.0.1:" + closedPort());
            QUICK.accept(builder);
            try (PailouClient client = builder.build()) {
                RpcException error = fails(() -> client.call("m"));
                equal(List.of(error.reason(), error.isNotStarted()), List.of("unreachable", true));
            }
        });
        suite.test("a client that is closed while it connects ends its calls", () -> {
            try (ServerSocket deaf = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                PailouClient client = PailouClient.of("127.0.0.1:" + deaf.getLocalPort());
                CompletableFuture<Object> call = client.callAsync("m", null);
                deaf.accept();
                client.close();
                equal(fails(() -> Futures.await(call)).reason(), "closed");
            }
        });
        for (String address : List.of("localhost", "127.0.0.1:", "::1:70", "a b:1", "h:0", "h:65536")) {
            suite.test("'" + address + "' is none", () -> fails(IllegalArgumentException.class, () -> PailouClient.of(address)));
        }
    }
}
