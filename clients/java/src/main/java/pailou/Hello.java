package pailou;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What both sides know and take, as the server's answer to hello says. */
record Hello(Set<String> features, int inFlightMax, long frameBytesMax) {
    /** Calls have others. */
    static final Long ID = 0L;

    private static final List<String> FEATURES = List.of("meta", "xframe", "cancel", "stream", "goaway");
    /** Answers that say: this server does not know hello. */
    private static final Set<Integer> NO_HELLO = Set.of(-32600, -32601, -32602);
    /** What a server takes that does not say. */
    private static final int PEER_FRAME_BYTES_MAX = 64 * 1024 * 1024;

    /** The first request of a connection. */
    static String request(Settings settings) {
        Map<String, Object> params = new LinkedHashMap<>();
        params.put("versions", List.of(1));
        params.put("peer", settings.name);
        params.put("role", "client");
        params.put("features", FEATURES);
        params.put("limits", Map.of("frame_bytes_max", settings.frameBytesMax, "in_flight_max", settings.inFlightMax));
        if (settings.token != null) {
            params.put("auth", Map.of("token", settings.token));
        }
        return "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"rpc.hello\",\"params\":" + Json.write(params) + "}";
    }

    static Hello of(Map<?, ?> result, Settings settings) {
        Set<String> features = new LinkedHashSet<>(FEATURES);
        features.retainAll(result.get("features") instanceof List<?> list ? list : List.of());
        Map<?, ?> limits = result.get("limits") instanceof Map<?, ?> map ? map : Map.of();
        long inFlightMax = Math.min(settings.inFlightMax, limit(limits.get("in_flight_max"), settings.inFlightMax));
        return new Hello(features, (int) inFlightMax, limit(limits.get("frame_bytes_max"), PEER_FRAME_BYTES_MAX));
    }

    /** Whether the error says that the server does not know hello. */
    static boolean isOfStranger(RpcException error) {
        return NO_HELLO.contains(error.code());
    }

    private static long limit(Object value, long otherwise) {
        return value instanceof Long number && number > 0 ? number : otherwise;
    }
}
