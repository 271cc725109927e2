import Testing

@testable import JobQueue

/// A column of the table: the event, and where it leads from each state. What is not listed is refused.
struct MachineColumn: Sendable, CustomTestStringConvertible {
    let event: JobMachine.Event
    let exits: [JobState: JobState]
    var testDescription: String { "\(event)" }
}

@Suite("the states of a job")
struct JobMachineTests {
    static let table = [
        MachineColumn(event: .unblocked(isDue: true), exits: [.blocked: .ready]),
        MachineColumn(event: .unblocked(isDue: false), exits: [.blocked: .scheduled]),
        MachineColumn(event: .due, exits: [.scheduled: .ready]),
        MachineColumn(event: .claimed, exits: [.ready: .running]),
        MachineColumn(event: .succeeded, exits: [.running: .succeeded, .cancelling: .cancelled]),
        MachineColumn(event: .failed, exits: [.running: .failed, .cancelling: .cancelled]),
        MachineColumn(
            event: .attemptFailed(attemptsMax: 3), exits: [.running: .scheduled, .cancelling: .cancelled]),
        MachineColumn(event: .attemptFailed(attemptsMax: 2), exits: [.running: .failed, .cancelling: .cancelled]),
        MachineColumn(event: .parked, exits: [.running: .scheduled, .cancelling: .cancelled]),
        MachineColumn(
            event: .cancelRequested,
            exits: [.blocked: .cancelled, .scheduled: .cancelled, .ready: .cancelled, .running: .cancelling]),
        MachineColumn(event: .stopped, exits: [.running: .ready, .cancelling: .cancelled]),
        MachineColumn(event: .graceOver, exits: [.running: .ready, .cancelling: .cancelled]),
        MachineColumn(
            event: .rescued(.resume, rescuesMax: 4), exits: [.running: .ready, .cancelling: .cancelled]),
        MachineColumn(
            event: .rescued(.rerun, rescuesMax: 2), exits: [.running: .failed, .cancelling: .cancelled]),
        MachineColumn(
            event: .rescued(.fail("restart"), rescuesMax: 4), exits: [.running: .failed, .cancelling: .cancelled]),
    ]

    @Test("each event leads where the table says, and nowhere else", arguments: table, JobState.allCases)
    func transition(column: MachineColumn, from state: JobState) {
        let before = JobMachine(state: state, attempt: 2, fence: JobFence(rawValue: 5), rescues: 1)
        var machine = before
        let isTaken = machine.apply(column.event)
        guard let expected = column.exits[state] else {
            #expect(!isTaken)
            #expect(machine == before)
            return
        }
        #expect(isTaken)
        #expect(machine.state == expected)
        #expect(machine.fence >= before.fence)
    }

    @Test("a claim is a new attempt under a new fence")
    func claim() throws {
        var machine = JobMachine(state: .ready, attempt: 2, fence: JobFence(rawValue: 5))
        machine = try #require(machine.after(.claimed))
        #expect(machine.attempt == 3)
        #expect(machine.fence == JobFence(rawValue: 6))
    }

    @Test(
        "an attempt is given back unless it failed",
        arguments: [
            (JobMachine.Event.parked, 1), (.stopped, 1), (.graceOver, 1), (.rescued(.resume, rescuesMax: 9), 1),
            (.attemptFailed(attemptsMax: 3), 2), (.failed, 2), (.succeeded, 2),
        ])
    func attempts(event: JobMachine.Event, left: Int) throws {
        var machine = JobMachine(state: .running, attempt: 2, fence: JobFence(rawValue: 5))
        machine = try #require(machine.after(event))
        #expect(machine.attempt == left)
    }

    @Test(
        "an execution that did not end by itself loses its right to write",
        arguments: [JobMachine.Event.graceOver, .rescued(.resume, rescuesMax: 9)], [JobState.running, .cancelling])
    func fences(event: JobMachine.Event, state: JobState) throws {
        var machine = JobMachine(state: state, attempt: 1, fence: JobFence(rawValue: 5))
        machine = try #require(machine.after(event))
        #expect(machine.fence == JobFence(rawValue: 6))
    }

    @Test("the fourth rescue without progress fails the job")
    func poison() throws {
        var machine = JobMachine(state: .ready)
        for rescue in 1...4 {
            machine = try #require(machine.after(.claimed))
            machine = try #require(machine.after(.rescued(.resume, rescuesMax: 4)))
            #expect(machine.rescues == rescue)
            #expect(machine.state == (rescue < 4 ? .ready : .failed))
        }
    }

    @Test("waits double up to their limit and are jittered downwards by half at most")
    func backoff() {
        let policy = RetryPolicy(attemptsMax: 9, backoffFirst: .seconds(2), backoffMax: .seconds(10))
        let longest = (1...4).map { policy.backoff(afterAttempt: $0, random: 0.999_999) }
        #expect(longest.map(\.components.seconds) == [1, 3, 7, 9])
        #expect(policy.backoff(afterAttempt: 1, random: 0) == .seconds(1))
        #expect(policy.backoff(afterAttempt: 99, random: 0) == .seconds(5))
    }
}

extension JobMachine {
    /// The machine after the event; nil when it was refused.
    fileprivate func after(_ event: Event) -> JobMachine? {
        var next = self
        return next.apply(event) ? next : nil
    }
}
