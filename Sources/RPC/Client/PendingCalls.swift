/// Calls by number. A number is a place in a table and how often the place was used before: finding a call costs no
/// hashing, and a late reply to a call given up never meets the one that came after it.
package struct PendingCalls<Call> {
    private var slots: [(generation: UInt64, call: Call?)] = []
    private var free: [Int] = []
    package private(set) var count = 0

    /// The low bits that hold the place.
    private static var slotBits: UInt64 { 16 }
    private static var slotMask: UInt64 { (1 << slotBits) - 1 }
    /// As many calls as there can be at once.
    package static var countMax: Int { Int(slotMask) + 1 }

    /// No calls.
    package init() {}

    /// Adds a call; its number, which fits the integers every JSON reader keeps exact.
    @inline(__always)
    package mutating func insert(_ call: Call) -> UInt64 {
        precondition(count < Self.countMax, "more calls than \(Self.countMax) at once")
        count += 1
        let slot: Int
        if let last = free.popLast() {
            slot = last
            slots[slot].call = call
        } else {
            slot = slots.count
            slots.append((1, call))
        }
        return slots[slot].generation << Self.slotBits | UInt64(slot)
    }

    /// The call with a number, if it is still there.
    package subscript(_ id: UInt64) -> Call? {
        get {
            guard let slot = slot(id) else { return nil }
            return slots[slot].call
        }
        set {
            guard let slot = slot(id), let newValue else { return }
            slots[slot].call = newValue
        }
    }

    /// Changes a call in its place.
    @inline(__always)
    package mutating func change(_ id: UInt64, _ body: (inout Call) -> Void) {
        guard let slot = slot(id) else { return }
        body(&slots[slot].call!)
    }

    /// Takes a call out.
    @inline(__always)
    package mutating func remove(_ id: UInt64) -> Call? {
        guard let slot = slot(id) else { return nil }
        defer {
            count -= 1
            slots[slot].call = nil
            // 2^32 uses of one place keep the number below 2^48.
            slots[slot].generation = slots[slot].generation & 0xFFFF_FFFF &+ 1
            free.append(slot)
        }
        return slots[slot].call
    }

    /// Takes a call out if it is there and is the right one.
    @inline(__always)
    package mutating func remove(_ id: UInt64, where isRight: (Call) -> Bool) -> Call? {
        guard let slot = slot(id), isRight(slots[slot].call!) else { return nil }
        return remove(id)
    }

    /// All numbers in use.
    package var ids: [UInt64] {
        slots.indices.compactMap { slot in
            slots[slot].call == nil ? nil : slots[slot].generation << Self.slotBits | UInt64(slot)
        }
    }

    @inline(__always)
    private func slot(_ id: UInt64) -> Int? {
        let slot = Int(id & Self.slotMask)
        guard slot < slots.count, slots[slot].call != nil, slots[slot].generation == id >> Self.slotBits else {
            return nil
        }
        return slot
    }
}
