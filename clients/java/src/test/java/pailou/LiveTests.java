package pailou;

import static pailou.Suite.equal;
import static pailou.Suite.fails;
import static pailou.Suite.isTrue;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/** Against the real server. */
final class LiveTests {
    private interface Use {
        void run(PailouClient client) throws Exception;
    }

    private final PailouServer server;
    private final Suite suite;

    private LiveTests(Suite suite, PailouServer server) {
        this.suite = suite;
        this.server = server;
    }

    static void addTo(Suite suite, PailouServer server) {
        LiveTests tests = new LiveTests(suite, server);
        for (boolean isPlain : new boolean[] {false, true}) {
            tests.either(isPlain);
        }
        tests.negotiated();
        tests.events();
        tests.end();
    }

    private Suite.Body with(boolean isPlain, Use use) {
        return () -> {
            ClientBuilder builder = patient(server.demo());
            try (PailouClient client = (isPlain ? builder.plain() : builder).build()) {
                use.run(client);
            }
        };
    }

    /** On a busy machine the answer to hello may take longer than two seconds; it is not to be taken for a plain server. */
    private static ClientBuilder patient(String address) {
        return PailouClient.builder(address).helloTimeout(Duration.ofSeconds(30));
    }

    private static byte[] pattern(int size) {
        byte[] octets = new byte[size];
        for (int n = 0; n < size; n++) {
            octets[n] = (byte) (n % 251);
        }
        return octets;
    }

    private void either(boolean isPlain) {
        suite.group(isPlain ? "plain" : "negotiated");
        suite.test("calls", with(isPlain, client -> equal(client.call("subtract", List.of(42, 23)), 19L)));
        suite.test("many calls at once", with(isPlain, client -> {
            List<CompletableFuture<Object>> calls = new ArrayList<>();
            for (int n = 0; n < 500; n++) {
                calls.add(client.callAsync("demo.echo", List.of(n)));
            }
            for (int n = 0; n < 500; n++) {
                equal(calls.get(n).get(), List.of((long) n));
            }
        }));
        suite.test("errors with their details", with(isPlain, client -> {
            RpcException error = fails(() -> client.call("demo.sleep", Map.of("ms", "soon")));
            equal(List.of(error.code(), error.status()), List.of(-32602, "INVALID_ARGUMENT"));
            equal(error.details(), List.of(new RpcException.Detail(List.of("ms"), "int_type", "expected an integer")));
            equal(fails(() -> client.call("demo.nothing")).status(), "UNIMPLEMENTED");
        }));
        suite.test("deadline", with(isPlain, client -> {
            CallOptions soon = CallOptions.DEFAULT.timeout(Duration.ofMillis(50));
            equal(fails(() -> client.call("demo.sleep", Map.of("ms", 20_000), soon)).status(), "DEADLINE_EXCEEDED");
        }));
        suite.test("a future that is cancelled, and then on", with(isPlain, client -> {
            CompletableFuture<Object> sleeping = client.callAsync("demo.sleep", Map.of("ms", 20_000));
            client.ping();
            sleeping.cancel(true);
            equal(client.call("get_data"), List.of("hello", 5L));
        }));
        suite.test("a thread that is interrupted", with(isPlain, client -> {
            Thread caller = Thread.currentThread();
            client.connect();
            client.callAsync("demo.sleep", Map.of("ms", 50)).thenRun(caller::interrupt);
            fails(InterruptedException.class, () -> client.call("demo.sleep", Map.of("ms", 20_000)));
            equal(client.call("subtract", List.of(2, 1)), 1L);
        }));
        suite.test("a byte stream", with(isPlain, client -> {
            try (ByteStream stream = client.stream("demo.stream", Map.of("bytes", 200_000))) {
                isTrue(Arrays.equals(stream.readAllBytes(), pattern(200_000)), "other octets");
            }
            try (ByteStream stream = client.stream("demo.stream", Map.of("bytes", 0))) {
                equal(stream.read(), -1);
            }
        }));
        suite.test("a download, whole or not at all", with(isPlain, client -> {
            Path directory = Files.createTempDirectory("pailou-java-");
            try {
                AtomicLong told = new AtomicLong();
                Path path = directory.resolve("a.bin");
                client.download("demo.stream", Map.of("bytes", 300_000), path, CallOptions.DEFAULT, (octets, size) -> told.set(octets));
                isTrue(Arrays.equals(Files.readAllBytes(path), pattern(300_000)), "other octets");
                equal(told.get(), 300_000L);
                Map<String, Integer> broken = Map.of("bytes", 300_000, "fail_at", 200_000);
                equal(fails(() -> client.download("demo.stream", broken, directory.resolve("b.bin"))).status(), "DATA_LOSS");
                equal(DownloadFaultTests.names(directory), List.of("a.bin"));
            } finally {
                PailouServer.deleteAll(directory);
            }
        }));
        suite.test("integers of 64 bits and more", with(isPlain, client -> {
            Map<String, Object> params = Map.of("a", Long.MAX_VALUE, "b", new BigInteger("18446744073709551615"));
            equal(client.call("demo.echo", params), params);
        }));
        suite.test("through the gateway", () -> {
            ClientBuilder builder = patient(server.gateway());
            try (PailouClient client = (isPlain ? builder.plain() : builder).build()) {
                equal(client.call("subtract", List.of(42, 23)), 19L);
            }
        });
    }

    private void negotiated() {
        suite.group("negotiated");
        suite.test("what was agreed on is told", with(false, client -> {
            equal(client.isNegotiated(), false);
            client.connect();
            equal(client.isNegotiated(), true);
            isTrue(client.features().containsAll(List.of("meta", "xframe", "cancel", "stream")), client.features());
        }));
        suite.test("the content of a stream says what it is", with(false, client -> {
            try (ByteStream stream = client.stream("demo.stream", Map.of("bytes", 5))) {
                Content content = stream.content();
                equal(List.of(content.type(), content.name(), content.size()), List.of("application/octet-stream", "demo.bin", 5L));
            }
        }));
        suite.test("a stream that breaks is an IOException", with(false, client -> {
            try (ByteStream stream = client.stream("demo.stream", Map.of("bytes", 200_000, "fail_at", 100_000))) {
                IOException error = fails(IOException.class, stream::readAllBytes);
                equal(((RpcException) error.getCause()).status(), "DATA_LOSS");
            }
        }));
        suite.test("a stream that nobody reads on does not stop other calls", with(false, client -> {
            try (ByteStream stream = client.stream("demo.stream", Map.of("bytes", 50_000_000))) {
                equal(stream.read(), 0);
                equal(client.call("subtract", List.of(2, 1)), 1L);
            }
            equal(client.call("subtract", List.of(3, 1)), 2L);
        }));
        suite.test("a big message there and back", with(false, client -> {
            Map<String, Object> params = Map.of("text", "ä".repeat(2_000_000));
            isTrue(params.equals(client.call("demo.echo", params)), "another text");
        }));
        suite.test("a plain message of 3 MiB there and back", with(true, client -> {
            Map<String, Object> params = Map.of("text", "x".repeat(3 << 20));
            isTrue(params.equals(client.call("demo.echo", params)), "another text");
        }));
        suite.test("octets where a value was expected", with(false, client ->
                equal(fails(() -> client.call("demo.stream", Map.of("bytes", 100_000))).reason(), "stream")));
        suite.test("a notification is handed over", with(false, client -> client.sendNotification("update", List.of(1))));
    }

    private void events() {
        suite.group("events");
        suite.test("come in order, and then the result", with(false, client -> {
            List<Object> items = new ArrayList<>();
            try (EventStream events = client.events("demo.count", Map.of("to", 100), CallOptions.DEFAULT.credit(4))) {
                events.forEach(event -> items.add(event.data()));
                equal(events.result(), Map.of("counted", 100L));
            }
            equal(items.size(), 100);
            equal(items.get(99), 100L);
        }));
        suite.test("left early cancel the call", with(false, client -> {
            try (EventStream events = client.events("demo.count", Map.of("to", 100_000, "every_ms", 1))) {
                equal(events.next().data(), 1L);
            }
            equal(client.call("subtract", List.of(3, 1)), 2L);
        }));
        suite.test("the result drops what nobody read", with(false, client -> {
            try (EventStream events = client.events("demo.count", Map.of("to", 50))) {
                equal(events.result(), Map.of("counted", 50L));
            }
        }));
        suite.test("progress is told while a call runs", with(false, client -> {
            List<Object> told = new ArrayList<>();
            CallOptions options = CallOptions.DEFAULT.onProgress(told::add);
            equal(client.call("demo.count", Map.of("to", 40, "progress", true, "every_ms", 5), options), Map.of("counted", 40L));
            equal(told.get(told.size() - 1), Map.of("done", 40L, "total", 40L));
        }));
        suite.test("a mistake of who is told ends the call", with(false, client -> {
            CallOptions options = CallOptions.DEFAULT.onProgress(data -> {
                throw new IllegalStateException("mine");
            });
            Map<String, Object> params = Map.of("to", 40, "progress", true, "every_ms", 5);
            equal(fails(IllegalStateException.class, () -> client.call("demo.count", params, options)).getMessage(), "mine");
            client.ping();
        }));
    }

    private void end() {
        suite.group("end");
        suite.test("a closed client refuses calls, and ends those under way", with(false, client -> {
            client.connect();
            CompletableFuture<Object> sleeping = client.callAsync("demo.sleep", Map.of("ms", 20_000));
            client.close();
            equal(fails(() -> Futures.await(sleeping)).reason(), "closed");
            equal(fails(() -> client.call("get_data")).reason(), "closed");
        }));
        suite.test("a server that stops answers what it has", () -> {
            PailouServer own = PailouServer.start();
            try (PailouClient client = patient(own.demo()).retry(RetryPolicy.NONE).build()) {
                client.connect();
                CompletableFuture<Object> running = client.callAsync("demo.sleep", Map.of("ms", 700));
                client.ping();
                own.terminate();
                equal(running.get(), Map.of("slept_ms", 700L));
                own.close();
                RpcException error = fails(() -> client.call("get_data"));
                equal(List.of(error.status(), error.isNotStarted()), List.of("UNAVAILABLE", true));
            }
        });
    }
}
