/// 100 ms, doubled up to 5 s, ± 20 %, so that a server that comes back is not met by everybody at once.
package struct ReconnectDelay {
    private var base = Duration.milliseconds(100)

    package init() {}

    package mutating func next() -> Duration {
        defer { base = min(base * 2, .seconds(5)) }
        return base * Double.random(in: 0.8...1.2)
    }
}
