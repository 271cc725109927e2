import java.time.Duration;
import java.util.Map;
import pailou.CallOptions;

/** Ends an export that is not finished: {@code CancelExport HASH_KEY}. */
final class CancelExport {
    public static void main(String[] given) throws Exception {
        Sample.run("CancelExport KEY", 1, given, (client, arguments, options) -> {
            CallOptions once = CallOptions.DEFAULT.idempotent().timeout(Duration.ofSeconds(10));
            Map<?, ?> job = (Map<?, ?>) client.call("export.job.cancel", Map.of("key", arguments.get(0)), once);
            System.out.println("status " + job.get("status"));
        });
    }
}
