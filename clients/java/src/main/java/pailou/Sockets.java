package pailou;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** Opens sockets, with TLS where it is asked for. */
final class Sockets {
    /** A socket, and the one below it, which is the same without TLS. */
    record Link(Socket socket, Socket transport) {}

    private Sockets() {}

    /** @throws RpcException {@code unreachable} */
    static Link open(Address address, Settings settings) {
        Socket socket = new Socket();
        try {
            int timeout = Math.toIntExact(Math.max(1, settings.connectTimeout.toMillis()));
            socket.setTcpNoDelay(true);
            socket.setKeepAlive(true);
            socket.connect(new InetSocketAddress(address.host(), address.port()), timeout);
            return new Link(settings.tls == null ? socket : secured(socket, address, settings.tls, timeout), socket);
        } catch (Exception error) {
            closeQuietly(socket);
            throw RpcException.unreachable(address, error);
        }
    }

    private static Socket secured(Socket socket, Address address, Settings.Tls tls, int timeout) throws Exception {
        String name = tls.serverName() != null ? tls.serverName() : address.host();
        SSLSocket secured = (SSLSocket) Certificates.context(tls).getSocketFactory()
                .createSocket(socket, name, address.port(), true);
        SSLParameters parameters = secured.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        if (!isIPAddress(name)) {
            parameters.setServerNames(List.of(new SNIHostName(name)));
        }
        parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
        secured.setSSLParameters(parameters);
        secured.setSoTimeout(timeout);
        secured.startHandshake();
        secured.setSoTimeout(0);
        return secured;
    }

    private static boolean isIPAddress(String name) {
        return name.contains(":") || name.matches("[0-9.]+");
    }

    static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException error) {
            // It is gone either way.
        }
    }
}
