import java.util.Map;
import pailou.CallOptions;
import pailou.Event;
import pailou.EventStream;
import pailou.Json;

/** Follows an export line by line until it has come to its end: {@code WatchExport HASH_KEY}. */
final class WatchExport {
    public static void main(String[] given) throws Exception {
        Sample.run("WatchExport KEY", 1, given, (client, arguments, options) -> {
            Map<String, String> params = Map.of("key", arguments.get(0));
            try (EventStream events = client.events("export.job.events", params, CallOptions.DEFAULT.idempotent())) {
                for (Event event : events) {
                    System.out.println(event.kind() + " " + Json.write(event.data()));
                }
                System.out.println("ended " + Json.write(events.result()));
            }
        });
    }
}
