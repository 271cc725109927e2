import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import pailou.CallOptions;
import pailou.Content;
import pailou.PailouClient;

/**
 * Submits an export of a paginated HTTP source, waits for it and downloads the zip:
 * {@code SubmitExport http://127.0.0.1:8080/demo/page -o demo.zip}.
 */
final class SubmitExport {
    private static final long FINISHED = 2;

    public static void main(String[] given) throws Exception {
        Sample.run("SubmitExport SOURCE_URL -o FILE [--title TITLE]", 1, given, SubmitExport::submitAndDownload);
    }

    private static void submitAndDownload(PailouClient client, List<String> arguments, Map<String, String> options)
            throws IOException, InterruptedException {
        String key = submit(client, arguments.get(0), options.getOrDefault("--title", "sample"));
        System.out.println("submitted " + key);
        // Answers when the export has come to its end.
        CallOptions watching = CallOptions.DEFAULT.idempotent().onProgress(SubmitExport::show);
        Map<?, ?> job = (Map<?, ?>) client.call("export.job.events", Map.of("key", key), watching);
        if (!job.get("status").equals(FINISHED)) {
            System.err.println("error: the export ended with status " + job.get("status"));
            System.exit(1);
        }
        Path file = Path.of(options.getOrDefault("--output", "export.zip"));
        Content content = client.download("export.artifact.read", artifact((String) job.get("down_url")), file);
        System.out.println("saved " + file + ", " + content.size() + " octets");
    }

    private static String submit(PailouClient client, String source, String title) throws InterruptedException {
        Map<String, Object> params = Map.of(
                "timestamp", Instant.now().getEpochSecond(), "ext_type", "XLSX", "title", title, "user_id", "sample",
                "source_http", Map.of("url", source, "method", "GET", "header", Map.of(), "param", Map.of("limit", 20)));
        // However often it has to be sent: one export.
        CallOptions once = CallOptions.DEFAULT.idem(UUID.randomUUID().toString()).timeout(Duration.ofSeconds(30));
        return (String) ((Map<?, ?>) client.call("export.http.submit", params, once)).get("hash_key");
    }

    /** The parameters of the download: the link ends in /YYYYMM/DD/FILE and may be signed. */
    private static Map<String, Object> artifact(String link) {
        URI uri = URI.create(link);
        String[] path = uri.getPath().split("/");
        Map<String, Object> params = new HashMap<>(Map.of(
                "month", path[path.length - 3], "day", path[path.length - 2], "file", path[path.length - 1]));
        for (String pair : uri.getQuery() == null ? new String[0] : uri.getQuery().split("&")) {
            String[] member = pair.split("=", 2);
            if (member[0].equals("signature")) {
                params.put("signature", member[1]);
            } else if (member[0].equals("expires")) {
                params.put("expires", Long.parseLong(member[1]));
            }
        }
        return params;
    }

    private static void show(Object data) {
        Map<?, ?> progress = (Map<?, ?>) data;
        System.out.println(progress.get("rows") + " of " + progress.get("total_rows") + " rows");
    }
}
