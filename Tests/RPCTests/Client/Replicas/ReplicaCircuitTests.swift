import NIOCore
import RPC
import Testing

/// The life of one replica as its circuit sees it, on a clock moved by hand.
@Suite struct ReplicaCircuitTests {
    private typealias Action = ReplicaCircuit.Action

    private var now = NIODeadline.uptimeNanoseconds(0)
    private var circuit: ReplicaCircuit

    init() {
        circuit = ReplicaCircuit(RPCReplicaPolicy())
    }

    private mutating func fail(_ failure: ReplicaCircuit.Failure, mayEject: Bool = true) -> [Action] {
        circuit.callFailed(failure, mayEject: mayEject, at: now, chance: 0.5)
    }

    private mutating func checked(_ isServing: Bool) -> [Action] {
        circuit.checked(isServing: isServing, at: now, chance: 0.5)
    }

    @Test mutating func `five failures in a row eject, a success between them does not let them add up`() {
        for _ in 0..<4 { #expect(fail(.refused) == []) }
        circuit.callSucceeded()
        for _ in 0..<4 { #expect(fail(.refused) == []) }
        #expect(fail(.refused) == [.changed(isServing: false), .wake(after: .seconds(5))])
        #expect(circuit.isEjected && !circuit.isServing)
        #expect(fail(.refused) == [], "what was in flight says nothing new")
    }

    @Test mutating func `an ejected replica comes back by a check after its time, not before`() {
        for _ in 0..<5 { _ = fail(.refused) }
        #expect(circuit.told(isServing: true, at: now, chance: 0.5) == [])
        #expect(circuit.timePassed() == [.check])
        #expect(checked(true) == [.changed(isServing: true)])
        #expect(circuit.isServing)
    }

    @Test mutating func `each ejection in a row lasts longer, and service makes them forgotten`() {
        func eject(_ circuit: inout ReplicaCircuit, at now: NIODeadline) -> Action? {
            var actions: [Action] = []
            for _ in 0..<5 { actions = circuit.callFailed(.refused, mayEject: true, at: now, chance: 0.5) }
            return actions.last
        }
        for count in 1...3 {
            #expect(eject(&circuit, at: now) == .wake(after: .seconds(Int64(5 * count))))
            _ = circuit.timePassed()
            _ = checked(true)
        }
        now = now + .seconds(20)
        #expect(eject(&circuit, at: now) == .wake(after: .seconds(10)), "two of three are forgiven")
        for _ in 0..<100 {
            _ = circuit.timePassed()
            _ = checked(true)
            _ = eject(&circuit, at: now)
        }
        _ = circuit.timePassed()
        _ = checked(true)
        #expect(eject(&circuit, at: now) == .wake(after: .seconds(300)))
    }

    @Test mutating func `where too many are ejected a failing replica stays`() {
        for _ in 0..<20 { #expect(fail(.refused, mayEject: false) == []) }
        #expect(circuit.isServing)
        #expect(fail(.refused) != [], "and goes as soon as it may")
    }

    @Test mutating func `a lost replica is asked soon, then less and less often, until it serves`() {
        #expect(fail(.lost) == [.changed(isServing: false), .wake(after: .milliseconds(100))])
        #expect(!circuit.isServing && !circuit.isEjected)
        var pauses: [Int64] = []
        for _ in 0..<8 {
            #expect(circuit.timePassed() == [.check])
            #expect(circuit.timePassed() == [], "one check at a time")
            guard case .wake(let pause)? = checked(false).first else {
                Issue.record("expected a pause")
                return
            }
            pauses.append(pause.nanoseconds / 1_000_000)
        }
        #expect(pauses == [200, 400, 800, 1600, 3200, 5000, 5000, 5000])
        #expect(circuit.timePassed() == [.check])
        #expect(checked(true) == [.changed(isServing: true)])
    }

    @Test mutating func `pauses are jittered by a fifth`() {
        #expect(
            circuit.callFailed(.lost, mayEject: true, at: now, chance: 0).last == .wake(after: .milliseconds(80)))
        _ = circuit.timePassed()
        #expect(circuit.checked(isServing: false, at: now, chance: 1) == [.wake(after: .milliseconds(240))])
    }

    @Test mutating func `watched health is asked for from the beginning and again and again`() {
        var policy = RPCReplicaPolicy()
        #expect(circuit.start() == [])
        policy.checkInterval = .seconds(10)
        circuit = ReplicaCircuit(policy)
        #expect(circuit.start() == [.check])
        #expect(checked(true) == [.wake(after: .seconds(10))])
        #expect(circuit.timePassed() == [.check])
        #expect(checked(false) == [.changed(isServing: false), .wake(after: .milliseconds(100))])
    }

    @Test mutating func `what a replica says unasked counts at once`() {
        #expect(circuit.told(isServing: true, at: now, chance: 0.5) == [])
        #expect(circuit.told(isServing: false, at: now, chance: 0.5).first == .changed(isServing: false))
        #expect(circuit.told(isServing: true, at: now, chance: 0.5) == [.changed(isServing: true)])
    }

    @Test mutating func `a connection that ends while nobody calls is a reason to ask, once`() {
        #expect(circuit.connectionEnded() == [.check])
        #expect(circuit.connectionEnded() == [])
        #expect(circuit.isServing)
        #expect(checked(false) == [.changed(isServing: false), .wake(after: .milliseconds(100))])
        #expect(circuit.connectionEnded() == [])
    }

    @Test mutating func `a check under way when the connection is lost is the next one`() {
        var policy = RPCReplicaPolicy()
        policy.checkInterval = .seconds(10)
        circuit = ReplicaCircuit(policy)
        _ = circuit.start()
        #expect(fail(.lost) == [.changed(isServing: false)])
        #expect(checked(false) == [.wake(after: .milliseconds(200))])
    }
}
