package pailou;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;

/** Sets up a {@link PailouClient}. README.md says what each option means, and its default. */
public final class ClientBuilder {
    private final List<Address> addresses;
    private final Settings settings = new Settings();
    private Path caFile;
    private String serverName;
    private Path certFile;
    private Path keyFile;
    private Executor executor;

    ClientBuilder(String... addresses) {
        if (addresses.length == 0) {
            throw new IllegalArgumentException("expected at least one address");
        }
        this.addresses = Arrays.stream(addresses).map(Address::parse).toList();
    }

    /** Connects nothing yet. */
    public PailouClient build() {
        return new PailouClient(addresses, settings.copy(), executor);
    }

    /** What the server calls this program. */
    public ClientBuilder name(String name) {
        settings.name = Objects.requireNonNull(name);
        return this;
    }

    /** Says no hello: for servers of which it is known that they do not know it. */
    public ClientBuilder plain() {
        settings.isPlain = true;
        return this;
    }

    /** What hello proves this client's identity with. */
    public ClientBuilder token(String token) {
        settings.token = token;
        return this;
    }

    /** TLS with the certificate authorities of the system. */
    public ClientBuilder tls() {
        settings.tls = new Settings.Tls(caFile, serverName, certFile, keyFile);
        return this;
    }

    /** TLS, and only these authorities (PEM) are believed. */
    public ClientBuilder caFile(Path file) {
        caFile = Objects.requireNonNull(file);
        return tls();
    }

    /** TLS, and the name the server's certificate must have, if it is not the address's host. */
    public ClientBuilder serverName(String name) {
        serverName = Objects.requireNonNull(name);
        return tls();
    }

    /** TLS with a certificate of this client's own: PEM, the key as PKCS#8. */
    public ClientBuilder certificate(Path certFile, Path keyFile) {
        this.certFile = Objects.requireNonNull(certFile);
        this.keyFile = Objects.requireNonNull(keyFile);
        return tls();
    }

    /** Of every call that has none of its own. */
    public ClientBuilder timeout(Duration timeout) {
        settings.timeout = positive(timeout);
        return this;
    }

    /** How calls are tried again. */
    public ClientBuilder retry(RetryPolicy policy) {
        settings.retry = Objects.requireNonNull(policy);
        return this;
    }

    /** How many retries all calls together have, and what a success gives back. */
    public ClientBuilder retryBudget(double tokens, double refund) {
        settings.retryTokens = tokens;
        settings.retryRefund = refund;
        return this;
    }

    /** After how much silence a ping is sent, and after how much more the connection is dead. */
    public ClientBuilder keepAlive(Duration keepAlive) {
        settings.keepAlive = positive(keepAlive);
        return this;
    }

    /** The longest frame, and the longest reply in chunks, that is taken. */
    public ClientBuilder frameBytesMax(int octets) {
        settings.frameBytesMax = positive(octets);
        return this;
    }

    /** What unfinished replies in chunks may hold; above it only the oldest goes on. */
    public ClientBuilder partialBytesMax(int octets) {
        settings.partialBytesMax = positive(octets);
        return this;
    }

    /** Calls under way at once on a negotiated connection. */
    public ClientBuilder inFlightMax(int calls) {
        settings.inFlightMax = positive(calls);
        return this;
    }

    /** Calls under way at once on a plain connection. */
    public ClientBuilder plainInFlightMax(int calls) {
        settings.plainInFlightMax = positive(calls);
        return this;
    }

    /** Calls that may wait for their turn, or for a connection. */
    public ClientBuilder waitingMax(int calls) {
        settings.waitingMax = positive(calls);
        return this;
    }

    /** For TCP and TLS together, each. */
    public ClientBuilder connectTimeout(Duration timeout) {
        settings.connectTimeout = positive(timeout);
        return this;
    }

    /** After how much silence a server is taken for a plain one. */
    public ClientBuilder helloTimeout(Duration timeout) {
        settings.helloTimeout = positive(timeout);
        return this;
    }

    /** Between attempts to connect: the first delay, which doubles, and the longest. */
    public ClientBuilder backoff(Duration min, Duration max) {
        settings.backoffMin = positive(min);
        settings.backoffMax = positive(max);
        return this;
    }

    /** How long a call in chunks may be without credit. */
    public ClientBuilder stallTimeout(Duration timeout) {
        settings.stallTimeout = positive(timeout);
        return this;
    }

    /** How long a reply in chunks may be without a new one. */
    public ClientBuilder chunkTimeout(Duration timeout) {
        settings.chunkTimeout = positive(timeout);
        return this;
    }

    /** Where what depends on futures runs; the common pool if it is not set. */
    public ClientBuilder executor(Executor executor) {
        this.executor = Objects.requireNonNull(executor);
        return this;
    }

    private static Duration positive(Duration duration) {
        if (duration.isNegative() || duration.isZero()) {
            throw new IllegalArgumentException("expected a time above 0, found " + duration);
        }
        return duration;
    }

    private static int positive(int number) {
        if (number < 1) {
            throw new IllegalArgumentException("expected a number above 0, found " + number);
        }
        return number;
    }
}
