import ServiceRuntime

/// What proves to a service that its caller is the gateway, so that a stranger on loopback cannot claim a principal.
enum RPCSecret {
    /// The secret of `rpc.secretFile`, or of `DATA/rpc.secret`.
    static func load(_ settings: Settings, in dataDirectory: DataDirectory) throws -> String {
        try SecretFile.load(RPCSettings.secretFile, settings, orMakeAt: dataDirectory.path + "/rpc.secret")
    }
}
