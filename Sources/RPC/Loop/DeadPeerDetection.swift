import Glibc
package import NIOCore
package import NIOPosix

/// TCP's own means to find out that a peer has vanished without a word, for who waits for it to speak: on accepted
/// connections, and on those to servers, which may be strangers that know no `rpc.ping`.
///
/// An idle connection is probed after 10 s, then every 5 s, and given up 20 s after the last sign of life, at a probe:
/// within 25 s. The same limit holds for octets that are not acknowledged (`TCP_USER_TIMEOUT`, tcp(7)).
package enum DeadPeerDetection {
    /// Option and value, all of the level IPPROTO_TCP; seconds, the last one milliseconds.
    package static let options: [(ChannelOptions.Types.SocketOption, SocketOptionValue)] = [
        (.tcpOption(.init(rawValue: TCP_KEEPIDLE)), 10),
        (.tcpOption(.init(rawValue: TCP_KEEPINTVL)), 5),
        (.tcpOption(.init(rawValue: TCP_KEEPCNT)), 3),
        (.tcpOption(.init(rawValue: TCP_USER_TIMEOUT)), 20_000),
    ]
}

extension ServerBootstrap {
    /// Has every accepted connection watched.
    package func findingDeadPeers() -> Self {
        DeadPeerDetection.options.reduce(childChannelOption(.socketOption(.so_keepalive), value: 1)) {
            $0.childChannelOption($1.0, value: $1.1)
        }
    }
}

extension ClientBootstrap {
    /// Has the connection watched.
    package func findingDeadPeers() -> Self {
        DeadPeerDetection.options.reduce(channelOption(.socketOption(.so_keepalive), value: 1)) {
            $0.channelOption($1.0, value: $1.1)
        }
    }
}
