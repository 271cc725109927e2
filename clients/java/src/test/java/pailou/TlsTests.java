package pailou;

import static pailou.Suite.equal;
import static pailou.Suite.fails;
import static pailou.Suite.isTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/** TLS between real sockets, with certificates made by openssl. */
final class TlsTests implements AutoCloseable {
    private static final List<String> KEY = List.of("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes");

    private interface Body {
        void run(String address) throws Exception;
    }

    private final Path directory = Files.createTempDirectory("pailou-java-tls-");

    TlsTests() throws IOException, InterruptedException {
        for (String authority : List.of("ca", "other")) {
            openssl(KEY, "req", "-x509", "-days", "2", "-subj", "/CN=" + authority,
                    "-keyout", authority + ".key", "-out", authority + ".pem");
        }
        sign("server", "DNS:server.test,IP:127.0.0.1");
        sign("client", "DNS:client.test");
    }

    private void sign(String name, String alternative) throws IOException, InterruptedException {
        openssl(KEY, "req", "-subj", "/CN=" + name, "-keyout", name + ".key", "-out", name + ".csr");
        Files.writeString(at(name + ".ext"), "subjectAltName=" + alternative + "\n");
        openssl(List.of(), "x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                "-days", "2", "-extfile", name + ".ext", "-out", name + ".pem");
    }

    private void openssl(List<String> more, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        command.addAll(more);
        Process process = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        isTrue(process.waitFor() == 0, command + ": " + output);
    }

    private Path at(String name) {
        return directory.resolve(name);
    }

    @Override
    public void close() throws IOException {
        PailouServer.deleteAll(directory);
    }

    /** A server that answers every call with the name of its client's certificate. */
    private void withServer(boolean asksForCertificate, Body body) throws Exception {
        Settings.Tls tls = new Settings.Tls(at("ca.pem"), null, at("server.pem"), at("server.key"));
        SSLServerSocket socket = (SSLServerSocket) Certificates.context(tls).getServerSocketFactory()
                .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        socket.setNeedClientAuth(asksForCertificate);
        try (ServerDouble server = new ServerDouble(socket, (peer, number) -> {
            peer.greet();
            for (;;) {
                peer.reply(peer.next().get("id"), clientName((SSLSocket) peer.socket));
            }
        })) {
            body.run(server.address());
        }
    }

    private static String clientName(SSLSocket socket) {
        try {
            return ((X509Certificate) socket.getSession().getPeerCertificates()[0]).getSubjectX500Principal().getName();
        } catch (SSLPeerUnverifiedException error) {
            return "nobody";
        }
    }

    private static Object call(ClientBuilder builder) throws InterruptedException {
        try (PailouClient client = builder.retry(RetryPolicy.NONE).build()) {
            return client.call("m");
        }
    }

    void addTo(Suite suite) {
        suite.group("tls");
        suite.test("a certificate of the right authority is believed, by address and by name", () -> withServer(false, address -> {
            equal(call(PailouClient.builder(address).caFile(at("ca.pem"))), "nobody");
            equal(call(PailouClient.builder(address).caFile(at("ca.pem")).serverName("server.test")), "nobody");
        }));
        suite.test("another authority's is not", () -> withServer(false, address -> {
            RpcException error = fails(() -> call(PailouClient.builder(address).caFile(at("other.pem"))));
            equal(List.of(error.reason(), error.isNotStarted()), List.of("unreachable", true));
        }));
        suite.test("another name's is not", () -> withServer(false, address -> {
            RpcException error = fails(() -> call(PailouClient.builder(address).caFile(at("ca.pem")).serverName("else.test")));
            equal(error.reason(), "unreachable");
            isTrue(error.getMessage().contains("else.test"), error.getMessage());
        }));
        suite.test("a client shows its certificate", () -> withServer(true, address -> {
            ClientBuilder with = PailouClient.builder(address).caFile(at("ca.pem")).certificate(at("client.pem"), at("client.key"));
            equal(call(with), "CN=client");
            equal(fails(() -> call(PailouClient.builder(address).caFile(at("ca.pem")))).status(), "UNAVAILABLE");
        }));
        suite.test("a file that is not there is told", () -> {
            try (ServerDouble server = new ServerDouble((peer, number) -> peer.untilClosed())) {
                RpcException error = fails(() -> call(PailouClient.builder(server.address()).caFile(at("nothing.pem"))));
                isTrue(error.getMessage().contains("nothing.pem"), error.getMessage());
            }
        });
    }
}
