package pailou;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The real server on free ports, ended by its own process id. */
final class PailouServer implements AutoCloseable {
    private static final int START_SECONDS_MAX = 30;
    private static final int STOP_SECONDS_MAX = 40;

    private final Process process;
    private final Path directory;
    private final Map<?, ?> endpoints;

    private PailouServer(Process process, Path directory, Map<?, ?> endpoints) {
        this.process = process;
        this.directory = directory;
        this.endpoints = endpoints;
    }

    /** Of the checkout: tests run in clients/java. */
    static Path root() {
        return Path.of("../..").toAbsolutePath().normalize();
    }

    /** The server's program: {@code PAILOU}, or what was built in this checkout. */
    private static Path program() {
        String given = System.getenv("PAILOU");
        List<Path> candidates = given != null
                ? List.of(Path.of(given))
                : List.of(root().resolve(".build/release/pailou"), root().resolve(".build/debug/pailou"));
        return candidates.stream().filter(Files::exists).findFirst().orElseThrow(() -> new IllegalStateException(
                "no server to test against at " + candidates + ": run \"swift build\", or set PAILOU"));
    }

    static PailouServer start() throws IOException, InterruptedException {
        Path program = program();
        Path directory = Files.createTempDirectory("pailou-java-");
        Path log = directory.resolve("log");
        Path data = directory.resolve("data");
        ProcessBuilder builder = new ProcessBuilder(
                program.toString(), "serve", "--ephemeral", "--data-dir", data.toString(),
                "--role", "all", "--role", "demo");
        builder.environment().remove("PAILOU");
        Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        Path endpoints = data.resolve("endpoints.json");
        for (long end = Clock.now() + TimeUnit.SECONDS.toNanos(START_SECONDS_MAX); !Files.exists(endpoints); ) {
            if (!process.isAlive() || Clock.now() > end) {
                process.destroy();
                throw new IllegalStateException("the server did not start: " + Files.readString(log));
            }
            Thread.sleep(20);
        }
        Map<?, ?> file = (Map<?, ?>) Json.parse(Files.readAllBytes(endpoints));
        return new PailouServer(process, directory, file);
    }

    String demo() {
        return address("rpc", "demo");
    }

    String gateway() {
        return address("rpc", "gateway");
    }

    String exportFacade() {
        return address("facades", "export");
    }

    private String address(String kind, String name) {
        return (String) ((Map<?, ?>) endpoints.get(kind)).get(name);
    }

    /** SIGTERM: the server drains. */
    void terminate() {
        process.destroy();
    }

    @Override
    public void close() throws IOException {
        terminate();
        try {
            process.onExit().get(STOP_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (Exception error) {
            process.destroyForcibly();
            throw new IllegalStateException("the server did not stop within " + STOP_SECONDS_MAX + " s", error);
        }
        deleteAll(directory);
    }

    static void deleteAll(Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            paths.sorted(Comparator.reverseOrder()).forEach(path -> {
                try {
                    Files.delete(path);
                } catch (IOException error) {
                    throw new UncheckedIOException(error);
                }
            });
        }
    }
}
