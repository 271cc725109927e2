import CPostgreSQL

/// What an address says, for other programs on libpq.
package enum PostgreSQLAddress {
    /// The address as environment variables: command lines are shown to every user of a machine, passwords with them.
    ///
    /// Throws when libpq cannot read the address. What has no variable of libpq's (keepalives) is left out.
    package static func environment(of address: String) throws(PostgreSQLError) -> [String: String] {
        guard let options = PQconninfoParse(address, nil) else {
            throw PostgreSQLError(.statement, "expected an address that libpq can read")
        }
        defer { PQconninfoFree(options) }
        var environment: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword, keyword.pointee != 0 {
            if let variable = option.pointee.envvar, let value = option.pointee.val {
                environment[String(cString: variable)] = String(cString: value)
            }
            option += 1
        }
        return environment
    }
}
