import Gateway
import RPC

/// What stands between a listener and whoever reaches it.
struct Protection {
    /// What is said there cannot be read or changed on the way.
    var isEncrypted = false
    /// Callers show who they are.
    var knowsCallers = false
    /// The documentation promises that callers show who they are.
    var needsCallers = false
    /// How to have both.
    var advice: String

    /// Enough to be reached by others.
    var isEnough: Bool { knowsCallers || isEncrypted && !needsCallers }

    /// What an operator should hear of a listener that others can reach; nil when all is well.
    var warning: String? {
        if isEncrypted && knowsCallers { return nil }
        let lack = isEncrypted ? "anybody who reaches it may call" : "callers and their secrets travel in clear"
        return "\(lack): \(advice)"
    }

    /// Nothing protects it, ever: the admin port.
    static let none = Protection(advice: "let only your own network reach it")
}

extension Security {
    /// The RPC ports of this process.
    var rpcProtection: Protection {
        Protection(
            isEncrypted: rpcTLS != nil, knowsCallers: tokens != nil || rpcTLS?.asksForCertificates == true,
            advice: "set rpc.tls.certificate and rpc.tls.key, and rpc.tokensFile or rpc.tls.clientAuthority")
    }

    /// A façade.
    func protection(of facade: CompiledFacade, _ callers: FacadeGuardOptions?) -> Protection {
        let name = facade.name
        return Protection(
            isEncrypted: gatewayTLS != nil, knowsCallers: callers?.knowsCallers == true,
            needsCallers: facade.operations.contains { $0.security?.isEmpty == false },
            advice:
                "set gateway.tls.certificate and gateway.tls.key, and facades.\(name).keysFile or facades.\(name).jwtKeysFile"
        )
    }
}
