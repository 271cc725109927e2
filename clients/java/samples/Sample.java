import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import pailou.ClientBuilder;
import pailou.PailouClient;
import pailou.RpcException;

/** What the samples share: the options that say where the server is. */
final class Sample {
    interface Work {
        void run(PailouClient client, List<String> arguments, Map<String, String> options)
                throws IOException, InterruptedException;
    }

    private Sample() {}

    /** Runs a sample with a client; a failed call becomes one line and status 1. */
    static void run(String usage, int argumentsMin, String[] given, Work work) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>();
        Map<String, String> options = new HashMap<>();
        for (int at = 0; at < given.length; at++) {
            if (!given[at].startsWith("-")) {
                arguments.add(given[at]);
            } else if (at + 1 < given.length) {
                options.put(given[at].replaceFirst("^-o$", "--output"), given[++at]);
            }
        }
        if (arguments.size() < argumentsMin) {
            System.err.println("usage: " + usage + " [--address HOST:PORT] [--token TOKEN] [--ca-file PEM]");
            System.exit(64);
        }
        try (PailouClient client = client(options)) {
            work.run(client, arguments, options);
        } catch (RpcException error) {
            System.err.println("error: " + error.code() + " " + error.status() + " " + error.getMessage());
            System.exit(1);
        }
    }

    private static PailouClient client(Map<String, String> options) {
        ClientBuilder builder = PailouClient.builder(options.getOrDefault("--address", "127.0.0.1:7100"));
        builder.token(options.get("--token"));
        if (options.containsKey("--ca-file")) {
            builder.caFile(Path.of(options.get("--ca-file")));
        }
        return builder.build();
    }
}
