/// Which brackets are open: one bit each, so that depth costs no recursion and, up to 64, no memory.
struct NestingStack {
    private(set) var depth = 0
    /// The innermost brackets, lowest bit innermost; 1 is an object.
    private var bits: UInt64 = 0
    /// Full words of outer brackets.
    private var spilled: [UInt64] = []

    /// True when the innermost open bracket is an object's.
    @inline(__always)
    var isInObject: Bool { bits & 1 == 1 }

    @inline(__always)
    mutating func push(isObject: Bool) {
        if depth & 63 == 0, depth > 0 { spill() }
        bits = bits << 1 | (isObject ? 1 : 0)
        depth &+= 1
    }

    @inline(__always)
    mutating func pop() {
        bits >>= 1
        depth &-= 1
        if depth & 63 == 0, depth > 0 { restore() }
    }

    @inline(never)
    private mutating func spill() {
        spilled.append(bits)
        bits = 0
    }

    @inline(never)
    private mutating func restore() {
        bits = spilled.removeLast()
    }
}
