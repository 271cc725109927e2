package pailou;

import java.nio.file.Path;
import java.time.Duration;

/** What {@link ClientBuilder} sets, with what is used where it does not. */
final class Settings implements Cloneable {
    String name = "pailou-java/" + PailouClient.VERSION;
    boolean isPlain;
    String token;
    Tls tls;
    Duration timeout;
    RetryPolicy retry = RetryPolicy.DEFAULT;
    double retryTokens = 10;
    double retryRefund = 0.1;
    Duration keepAlive = Duration.ofSeconds(10);
    int frameBytesMax = 64 * 1024 * 1024;
    int partialBytesMax = 64 * 1024 * 1024;
    int inFlightMax = 256;
    int plainInFlightMax = 64;
    int waitingMax = 4_096;
    Duration connectTimeout = Duration.ofSeconds(5);
    Duration helloTimeout = Duration.ofSeconds(2);
    Duration backoffMin = Duration.ofMillis(100);
    Duration backoffMax = Duration.ofSeconds(1);
    Duration stallTimeout = Duration.ofSeconds(60);
    Duration chunkTimeout = Duration.ofSeconds(30);

    /** Where certificates are; each may be null. */
    record Tls(Path caFile, String serverName, Path certFile, Path keyFile) {}

    Settings copy() {
        try {
            return (Settings) clone();
        } catch (CloneNotSupportedException error) {
            throw new AssertionError(error);
        }
    }

    /** The same without hello. */
    Settings plain() {
        Settings plain = copy();
        plain.isPlain = true;
        return plain;
    }
}
