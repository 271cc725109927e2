package pailou;

import static pailou.Suite.equal;
import static pailou.Suite.fails;
import static pailou.Suite.isTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** What goes wrong between real sockets. */
final class FaultTests {
    private static final Consumer<ClientBuilder> ONCE = builder -> builder.retry(RetryPolicy.NONE);
    private static final Consumer<ClientBuilder> QUICK = builder -> builder
            .retry(new RetryPolicy(4, Duration.ofMillis(5), Duration.ofMillis(10), 0.2))
            .backoff(Duration.ofMillis(5), Duration.ofMillis(10));

    private interface Body {
        void run(PailouClient client, ServerDouble server) throws Exception;
    }

    private FaultTests() {}

    /** A client of a server that does what {@code serve} says. */
    private static void against(ServerDouble.Serve serve, Consumer<ClientBuilder> options, Body body) throws Exception {
        try (ServerDouble server = new ServerDouble(serve)) {
            ClientBuilder builder = PailouClient.builder(server.address()).helloTimeout(Duration.ofSeconds(30));
            options.accept(builder);
            try (PailouClient client = builder.build()) {
                body.run(client, server);
            }
        }
    }

    static void addTo(Suite suite) {
        suite.group("a server that");
        connections(suite);
        hello(suite);
        goAway(suite);
        garbage(suite);
        downloads(suite);
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
            peer.error(peer.next().get("id"), -32058, Map.of("reason", "rate", "retry_after_ms", 30));
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

    private static void downloads(Suite suite) {
        suite.test("breaks off a stream: the download begins again, and no cut file is left", () -> inDirectory(directory -> {
            Path path = directory.resolve("file.bin");
            against((peer, number) -> {
                peer.greet();
                Object id = peer.next().get("id");
                peer.chunk(Map.of("id", id, "content", Map.of("type", "text/plain", "size", 6)), 6, "abc");
                if (number == 1) {
                    peer.socket.close();
                } else {
                    peer.chunk(Map.of("id", id), 2, "def");
                    peer.untilClosed();
                }
            }, QUICK, (client, server) -> {
                Content content = client.download("file", null, path);
                equal(List.of(content.type(), content.size()), List.of("text/plain", 6L));
            });
            equal(Files.readString(path), "abcdef");
            equal(names(directory), List.of("file.bin"));
        }));
        suite.test("sends less than it said: data loss, and no file", () -> inDirectory(directory -> {
            against((peer, number) -> {
                peer.greet();
                Object id = peer.next().get("id");
                peer.chunk(Map.of("id", id, "content", Map.of("size", 6)), 2, "abc");
                peer.untilClosed();
            }, ONCE, (client, server) -> {
                RpcException error = fails(() -> client.download("file", null, directory.resolve("file.bin")));
                equal(List.of(error.status(), error.reason()), List.of("DATA_LOSS", "size"));
            });
            equal(names(directory), List.of());
        }));
    }

    private interface InDirectory {
        void run(Path directory) throws Exception;
    }

    private static void inDirectory(InDirectory body) throws Exception {
        Path directory = Files.createTempDirectory("pailou-java-");
        try {
            body.run(directory);
        } finally {
            PailouServer.deleteAll(directory);
        }
    }

    static List<String> names(Path directory) throws IOException {
        try (Stream<Path> paths = Files.list(directory)) {
            return paths.map(path -> path.getFileName().toString()).toList();
        }
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
