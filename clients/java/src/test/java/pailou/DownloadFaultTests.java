package pailou;

import static pailou.Against.ONCE;
import static pailou.Against.QUICK;
import static pailou.Against.against;
import static pailou.Suite.equal;
import static pailou.Suite.fails;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Downloads that break, between real sockets. */
final class DownloadFaultTests {
    private DownloadFaultTests() {}

    static void addTo(Suite suite) {
        suite.group("a server that");
        downloads(suite);
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
}
