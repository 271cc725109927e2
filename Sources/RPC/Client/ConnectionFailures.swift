import NIOCore

/// What a client tells of connections that did not come about, or did not last.
extension RPCLoopClient {
    /// Somebody answers at this address, but not as TLS asks for.
    func handshakeFailed(_ error: any Error) -> RPCError {
        var failure = RPCError(
            .unavailable, reason: "tls", "TLS with \(address) failed: \(TLSHandshakeError.words(of: error))")
        failure.notStarted = true
        failure.isOfConnection = true
        return failure
    }

    /// Nobody answers at this address.
    var unreachable: RPCError {
        var error = RPCError(.unavailable, reason: "unreachable", "nothing answers at \(address)")
        error.notStarted = true
        error.isOfConnection = true
        return error
    }

    /// TLS 1.3 lets a client speak before it hears that it is turned away.
    func loss(of connection: ClientConnection, _ error: (any Error)?) -> RPCError {
        if !connection.hasHeard, configuration.tls != nil, let error {
            return (error as? RPCError) ?? handshakeFailed(error)
        }
        let reason = (error as? RPCError)?.message ?? error.map { "\($0)" } ?? "the server closed it"
        return .connectionLost("the connection to \(address) was lost: \(reason)")
    }
}

extension RPCError {
    /// A call that another server may have done is not for one that does not know it by its key.
    static func keyUnsupported(_ address: String) -> RPCError {
        RPCError(
            .unavailable, reason: "idempotency_unsupported",
            "another server may have done the call already, and the one at \(address) takes no idempotency keys")
    }
}
