import pailou.Json;

/** Calls any method and prints its result: {@code CallMethod export.demo.page '{"page": 1}'}. */
final class CallMethod {
    public static void main(String[] given) throws Exception {
        Sample.run("CallMethod METHOD [PARAMS_JSON]", 1, given, (client, arguments, options) -> {
            Object params = arguments.size() > 1 ? Json.parse(arguments.get(1)) : null;
            System.out.println(Json.write(client.call(arguments.get(0), params)));
        });
    }
}
