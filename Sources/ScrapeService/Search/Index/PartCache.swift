import Synchronization

/// Parts of segments that searches have read. Parts never change and numbers of segments are never used again, so that
/// whatever is here is true.
final class PartCache: Sendable {
    private struct Entry {
        let octets: [UInt8]
        var lastUse: Int
    }

    private struct State {
        var entries: [Int64: Entry] = [:]
        var octets = 0
        var uses = 0
    }

    private let octetsMax: Int
    private let state = Mutex(State())

    init(octetsMax: Int) { self.octetsMax = octetsMax }

    /// Octets that are kept now.
    var octets: Int { state.withLock { $0.octets } }

    func part(_ key: Int64) -> [UInt8]? {
        state.withLock { state in
            state.uses += 1
            state.entries[key]?.lastUse = state.uses
            return state.entries[key]?.octets
        }
    }

    /// Keeps a part; of too many, the half that was not used for longest is forgotten.
    func keep(_ key: Int64, _ octets: [UInt8]) {
        state.withLock { state in
            state.uses += 1
            if let known = state.entries.updateValue(Entry(octets: octets, lastUse: state.uses), forKey: key) {
                state.octets -= known.octets.count
            }
            state.octets += octets.count
            guard state.octets > octetsMax else { return }
            for (key, entry) in state.entries.sorted(by: { $0.value.lastUse < $1.value.lastUse }) {
                guard state.octets > octetsMax / 2 else { return }
                state.entries[key] = nil
                state.octets -= entry.octets.count
            }
        }
    }
}
