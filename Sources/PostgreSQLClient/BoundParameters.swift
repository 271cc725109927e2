import CPostgreSQL

/// Parameters in the form libpq takes them: addresses, lengths and formats. libpq copies them while sending.
struct BoundParameters {
    private let parameters: [PostgreSQLValue]

    init(_ parameters: [PostgreSQLValue]) { self.parameters = parameters }

    /// - Returns: What `PQsendQueryPrepared` returns.
    func send(_ name: String, on handle: OpaquePointer) -> Int32 {
        let binary = parameters.map(\.binary)
        var octets: [UInt8] = []
        octets.reserveCapacity(binary.reduce(1) { $0 + ($1?.count ?? 0) })
        var offsets: [Int?] = []
        for value in binary {
            offsets.append(value == nil ? nil : octets.count)
            octets += value ?? []
        }
        // An empty value still needs an address: null means NULL.
        octets.append(0)
        let lengths = binary.map { Int32($0?.count ?? 0) }
        let formats = [Int32](repeating: 1, count: parameters.count)
        return octets.withUnsafeBytes { start in
            let base = start.bindMemory(to: CChar.self).baseAddress!
            let addresses = offsets.map { offset in offset.map { base + $0 } }
            return PQsendQueryPrepared(handle, name, Int32(parameters.count), addresses, lengths, formats, 1)
        }
    }
}
