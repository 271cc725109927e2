import Idempotency
import NIOCore
import PostgreSQLTesting
import RPC
import StoreTesting
import TestSupport
import Testing

/// Calls with a key, repeated in every way a client may.
@Suite(.postgreSQL) struct KeyedCallTests {
    @Test(arguments: StoreEngine.allCases) func aHundredCallsWithOneKeyAreOneEffect(on engine: StoreEngine) async throws
    {
        try await withKeyedCalls(on: engine) { harness in
            let replies = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<100 {
                    group.addTask { try await harness.add(#"{"n":1,"waits":true}"#, key: "k") }
                }
                try await eventually("all to wait for one") { harness.calls[0].joinedCount == 99 }
                harness.gate.open()
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(replies.sorted() == [#"{"sum":1}"#] + Array(repeating: #"{"sum":1}*"#, count: 99))
            #expect(try await harness.sum == 1)
            #expect(harness.begun.count == 1)
        }
    }

    @Test(arguments: StoreEngine.allCases) func aLaterCallGetsTheKeptReplyAndAnotherKeyOrNoneWorksAnew(
        on engine: StoreEngine
    ) async throws {
        try await withKeyedCalls(on: engine) { harness in
            try await harness.expect(#"{"sum":5}"#, adding: #"{"n":5}"#, key: "k")
            try await harness.expect(#"{"sum":5}*"#, adding: #"{"n":5}"#, key: "k")
            try await harness.expect(#"{"sum":5}*"#, adding: #"{"n":5}"#, key: "k", at: 1)
            try await harness.expect(#"{"sum":10}"#, adding: #"{"n":5}"#, key: "other")
            try await harness.expect(#"{"sum":15}"#, adding: #"{"n":5}"#, key: nil)
            try await harness.expect(#"{"sum":20}"#, adding: #"{"n":5}"#, key: "k", principal: #"{"sub":"a"}"#)
            try await harness.expect(#"{"sum":20}*"#, adding: #"{"n":5}"#, key: "k", principal: #"{"sub":"a"}"#)
            try await harness.expect(#"{"sum":25}"#, adding: #"{"n":5}"#, key: "k", principal: #"{"sub":"b"}"#)
        }
    }

    @Test(arguments: StoreEngine.allCases) func aConnectionLostBeforeTheReplyCostsNothing(on engine: StoreEngine)
        async throws
    {
        try await withKeyedCalls(on: engine) { harness in
            let peer = try await RawTCPClient(port: harness.ports[0])
            let hello = #"{"jsonrpc":"2.0","id":0,"method":"rpc.hello","params":{"versions":[1],"features":["meta"]}}"#
            let call = #"{"jsonrpc":"2.0","id":1,"method":"counter.add","meta":{"idem":"k"},"params":{"n":7}}"#
            for message in [hello, call] {
                try await peer.send(Array(ByteBuffer(integer: UInt32(message.utf8.count)).readableBytesView))
                try await peer.send(message)
            }
            try await eventually("the commit") { try await harness.sum == 7 }
            await peer.close(reset: true)
            try await harness.expect(#"{"sum":7}*"#, adding: #"{"n":7}"#, key: "k")
            #expect(try await harness.sum == 7)
        }
    }

    @Test(arguments: StoreEngine.allCases) func aCallerThatLeavesBeforeTheCommitLeavesTheWorkToTheNext(
        on engine: StoreEngine
    ) async throws {
        try await withKeyedCalls(on: engine) { harness in
            let first = Task { try await harness.add(#"{"n":3,"waits":true}"#, key: "k") }
            try await eventually { harness.begun.count == 1 }
            let second = Task { try await harness.add(#"{"n":3,"waits":true}"#, key: "k") }
            try await eventually { harness.calls[0].joinedCount == 1 }
            first.cancel()
            try await eventually("the second to take over") { harness.begun.count == 2 }
            harness.gate.open()
            let reply = try await second.value
            #expect(reply == #"{"sum":3}"#)
            #expect(try await harness.sum == 3)
        }
    }

    @Test(arguments: StoreEngine.allCases) func anotherProcessThatWasQuickerHasDoneItForBoth(on engine: StoreEngine)
        async throws
    {
        try await withKeyedCalls(on: engine) { harness in
            let slow = Task { try await harness.add(#"{"n":2,"waits":true}"#, key: "k", at: 0) }
            let quick = Task { try await harness.add(#"{"n":2,"waits":true}"#, key: "k", at: 1) }
            try await eventually("both to be in the middle") { harness.begun.count == 2 }
            harness.gate.open()
            let replies = try await [slow.value, quick.value]
            #expect(replies.sorted() == [#"{"sum":2}"#, #"{"sum":2}*"#])
            #expect(try await harness.sum == 2)
            #expect(try await harness.keptCount == 1)
        }
    }

    @Test(arguments: StoreEngine.allCases) func whoWasSlowerAndFindsNoReplyIsToldThatItIsUnderWayElsewhere(
        on engine: StoreEngine
    ) async throws {
        try await withKeyedCalls(on: engine) { harness in
            let params = #"{"n":2,"waits":true,"forgets":true}"#
            let calls = (0..<2).map { place in Task { try await harness.add(params, key: "k", at: place) } }
            try await eventually("both to be in the middle") { harness.begun.count == 2 }
            harness.gate.open()
            var outcomes: [Result<String, any Error>] = []
            for call in calls { outcomes.append(await call.result) }
            let errors = outcomes.compactMap { outcome in
                if case .failure(let error) = outcome { error as? RPCError } else { nil }
            }
            #expect(errors.map(\.status) == [.aborted] && errors.map(\.reason) == ["in_progress"])
            #expect(errors.allSatisfy { !$0.notStarted })
            #expect(outcomes.compactMap { try? $0.get() } == [#"{"sum":2}"#])
            #expect(try await harness.sum == 2)
        }
    }

    @Test(arguments: StoreEngine.allCases) func otherParametersUnderTheSameKeyAreAMistake(on engine: StoreEngine)
        async throws
    {
        try await withKeyedCalls(on: engine) { harness in
            let running = Task { try await harness.add(#"{"n":1,"waits":true}"#, key: "k") }
            try await eventually { harness.begun.count == 1 }
            for _ in 0..<2 {
                let error = await #expect(throws: RPCError.self) { try await harness.add(#"{"n":2}"#, key: "k") }
                #expect(error?.status == .invalidArgument && error?.reason == "idempotency_mismatch")
                harness.gate.open()
                _ = try await running.value
            }
            // Octets are compared, not meanings: whoever repeats a call sends the same ones.
            let error = await #expect(throws: RPCError.self) {
                try await harness.add(#"{"n":1, "waits":true}"#, key: "k")
            }
            #expect(error?.reason == "idempotency_mismatch")
            #expect(try await harness.sum == 1)
        }
    }

    @Test(arguments: StoreEngine.allCases) func keysAreForgottenAfterADay(on engine: StoreEngine) async throws {
        try await withKeyedCalls(on: engine) { harness in
            _ = try await harness.add(#"{"n":1}"#, key: "k")
            harness.clock.advance(by: .seconds(24 * 3_600 - 1))
            _ = try await harness.add(#"{"n":1}"#, key: "k")
            #expect(try await harness.sum == 1)
            harness.clock.advance(by: .seconds(1))
            try await harness.expect(#"{"sum":2}"#, adding: #"{"n":1}"#, key: "k")
            #expect(try await harness.keptCount == 1)
            _ = try await harness.add(#"{"n":1}"#, key: "l")
            harness.clock.advance(by: .seconds(24 * 3_600))
            try await harness.calls[0].sweep()
            #expect(try await harness.keptCount == 0)
        }
    }

    @Test(arguments: StoreEngine.allCases) func failuresAreNotKept(on engine: StoreEngine) async throws {
        try await withKeyedCalls(on: engine) { harness in
            for _ in 0..<2 {
                let error = await #expect(throws: RPCError.self) { try await harness.add(#"{"n":-1}"#, key: "k") }
                #expect(error?.reason == "negative")
            }
            #expect(harness.begun.count == 2)
            let error = await #expect(throws: RPCError.self) {
                try await harness.add(#"{"n":1,"filling":70000}"#, key: "k")
            }
            #expect(error?.reason == "idempotency_reply")
            #expect(try await harness.sum == 0)
            #expect(try await harness.keptCount == 0)
            try await harness.expect(#"{"sum":1}"#, adding: #"{"n":1}"#, key: "k")
        }
    }

    @Test(arguments: StoreEngine.allCases) func keysThatCannotBeKeptAreRefused(on engine: StoreEngine) async throws {
        try await withKeyedCalls(on: engine) { harness in
            for key in ["", String(repeating: "k", count: 129)] {
                let error = await #expect(throws: RPCError.self) { try await harness.add(#"{"n":1}"#, key: key) }
                #expect(error?.status == .invalidArgument && error?.reason == "idempotency_key")
            }
            try await harness.expect(#"{"sum":1}"#, adding: #"{"n":1}"#, key: String(repeating: "k", count: 128))
            var meta = RPCMeta()
            meta.idem = "k"
            let options = RPCCallOptions(meta: meta)
            let error = await #expect(throws: RPCError.self) {
                try await harness.clients[0].call("counter.sum", nil, options: options)
            }
            #expect(error?.status == .invalidArgument && error?.reason == "idempotency_unsupported")
        }
    }
}
