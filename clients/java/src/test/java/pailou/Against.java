package pailou;


import java.time.Duration;
import java.util.function.Consumer;

/** A client and a server that misbehaves. */
final class Against {
    static final Consumer<ClientBuilder> ONCE = builder -> builder.retry(RetryPolicy.NONE);
    static final Consumer<ClientBuilder> QUICK = builder -> builder
            .retry(new RetryPolicy(4, Duration.ofMillis(5), Duration.ofMillis(10), 0.2))
            .backoff(Duration.ofMillis(5), Duration.ofMillis(10));

    interface Body {
        void run(PailouClient client, ServerDouble server) throws Exception;
    }

    private Against() {}

    /** A client of a server that does what {@code serve} says. */
    static void against(ServerDouble.Serve serve, Consumer<ClientBuilder> options, Body body) throws Exception {
        try (ServerDouble server = new ServerDouble(serve)) {
            ClientBuilder builder = PailouClient.builder(server.address()).helloTimeout(Duration.ofSeconds(30));
            options.accept(builder);
            try (PailouClient client = builder.build()) {
                body.run(client, server);
            }
        }
    }
}
