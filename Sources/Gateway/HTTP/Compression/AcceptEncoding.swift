/// Whether a client takes gzip, by its `Accept-Encoding` (RFC 9110, 12.5.3).
enum AcceptEncoding {
    /// `gzip`, its old name `x-gzip`, or else `*`, with a weight above zero and not below that of `identity`. A weight
    /// that is none makes its element count for nothing.
    static func takesGzip(_ field: String) -> Bool {
        var (gzip, any, identity): (Double?, Double?, Double?)
        for element in field.split(separator: ",") {
            let parts = element.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
            guard let coding = parts.first, let weight = weight(parts.dropFirst()) else { continue }
            switch coding {
            case "gzip", "x-gzip": gzip = max(weight, gzip ?? 0)
            case "*": any = weight
            case "identity": identity = weight
            default: break
            }
        }
        let weight = gzip ?? any ?? 0
        return weight > 0 && weight >= identity ?? 0
    }

    private static func weight(_ parameters: ArraySlice<String>) -> Double? {
        guard let text = parameters.first(where: { $0.hasPrefix("q=") })?.dropFirst(2) else { return 1 }
        guard let weight = Double(text), (0...1).contains(weight) else { return nil }
        return weight
    }
}
