import RPC

extension RPCServerConfiguration {
    /// The defaults, with a server's memory taken from this budget.
    static func spending(_ budget: OctetBudget) -> RPCServerConfiguration {
        var configuration = RPCServerConfiguration()
        configuration.budget = budget
        return configuration
    }
}
