package pailou;

import static pailou.Suite.equal;
import static pailou.Suite.isTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The samples, as a reader would run them. */
final class SampleTests {
    private record Result(int status, String output, String errors) {}

    private final PailouServer server;

    private SampleTests(PailouServer server) {
        this.server = server;
    }

    static void addTo(Suite suite, PailouServer server) {
        SampleTests tests = new SampleTests(server);
        suite.group("samples");
        suite.test("call prints the result, or one line of error", () -> {
            equal(tests.run("CallMethod", "subtract", "[42, 23]"), new Result(0, "19\n", ""));
            Result failed = tests.run("CallMethod", "demo.nothing");
            equal(failed.status(), 1);
            isTrue(failed.errors().startsWith("error: -32601 UNIMPLEMENTED "), failed);
        });
        suite.test("arguments that are missing are told with the usage", () ->
                equal(tests.run("WatchExport").status(), 64));
        suite.test("export, watch and cancel", tests::export);
    }

    private void export() throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("pailou-java-");
        try {
            Path file = directory.resolve("demo.zip");
            Result exported = run("SubmitExport", "http://" + server.exportFacade() + "/demo/page", "-o", file.toString());
            equal(List.of(exported.status(), exported.errors()), List.of(0, ""));
            equal(new String(Arrays.copyOf(Files.readAllBytes(file), 2)), "PK");
            String key = exported.output().split("\\s")[1];
            String[] lines = run("WatchExport", key).output().split("\n");
            Map<?, ?> ended = (Map<?, ?>) Json.parse(lines[lines.length - 1].replaceFirst("^ended ", ""));
            equal(List.of(ended.get("hash_key"), ended.get("status")), List.of(key, 2L));
            // It has come to its end already: the server says so, one way or the other.
            Result cancelled = run("CancelExport", key);
            isTrue(cancelled.output().startsWith("status") || cancelled.errors().contains("FAILED_PRECONDITION"), cancelled);
        } finally {
            PailouServer.deleteAll(directory);
        }
    }

    private Result run(String sample, String... arguments) throws IOException, InterruptedException {
        Path output = Files.createTempFile("pailou-java-", ".out");
        Path errors = Files.createTempFile("pailou-java-", ".err");
        try {
            String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
            List<String> command = new ArrayList<>(List.of(java, "-cp", System.getProperty("java.class.path"), sample));
            command.addAll(List.of(arguments));
            command.addAll(List.of("--address", server.gateway()));
            int status = new ProcessBuilder(command)
                    .redirectOutput(output.toFile()).redirectError(errors.toFile()).start().waitFor();
            return new Result(status, Files.readString(output), Files.readString(errors));
        } finally {
            Files.delete(output);
            Files.delete(errors);
        }
    }
}
