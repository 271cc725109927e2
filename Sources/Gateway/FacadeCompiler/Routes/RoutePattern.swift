/// The segments of a documented path.
struct RoutePattern {
    enum Segment: Equatable {
        case fixed(String)
        case parameter(String)
    }

    let segments: [Segment]

    /// Reports what is not a path of whole segments, and then gives nil.
    init?(_ path: String, line: Int, problems: FacadeProblems) {
        guard path.hasPrefix("/") else {
            problems.report(line, "expected a path that begins with '/', found '\(path)'")
            return nil
        }
        var segments: [Segment] = []
        for part in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            if part.isEmpty { continue }
            guard let segment = RoutePattern.segment(part) else {
                problems.report(line, "expected a fixed segment or one name in braces, found '\(part)' in '\(path)'")
                return nil
            }
            segments.append(segment)
        }
        self.segments = segments
        if Set(parameterNames).count != parameterNames.count {
            problems.report(line, "the path '\(path)' names a parameter twice")
            return nil
        }
    }

    var parameterNames: [String] {
        segments.compactMap { if case .parameter(let name) = $0 { name } else { nil } }
    }

    /// The route with its parameters' names taken away: two routes of one shape are one route.
    var shape: String {
        segments.map { if case .fixed(let name) = $0 { "/\(name)" } else { "/{}" } }.joined()
    }

    private static func segment(_ part: Substring) -> Segment? {
        let inner = part.hasPrefix("{") && part.hasSuffix("}") ? part.dropFirst().dropLast() : part
        guard !inner.isEmpty, !inner.contains(where: { "{}".contains($0) }) else { return nil }
        return inner.count == part.count ? .fixed(String(part)) : .parameter(String(inner))
    }
}
