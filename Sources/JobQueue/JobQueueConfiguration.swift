/// Settings of a job queue.
package struct JobQueueConfiguration: Sendable {
    /// The queues this process works on; jobs of others wait.
    package var queues: [QueueOptions] = [QueueOptions(name: "default")]

    /// How long an execution may go on after a cancel before the job is taken from it.
    package var cancelGrace: Duration = .seconds(10)

    /// How long executions may go on after shutdown has begun before their jobs are given back without them.
    package var shutdownGrace: Duration = .seconds(10)

    /// The longest time progress stays in memory only.
    package var progressInterval: Duration = .milliseconds(500)

    /// How long a process on a shared store waits for the word of another before it looks by itself; ± 20 %.
    package var pollInterval: Duration = .seconds(1)

    /// Jobs claimed by one transaction, at most.
    package var claimBatchMax = 256

    /// Ends of executions written by one transaction, at most.
    package var finishBatchMax = 64

    /// After so many rescues without durable progress a job runs only while nothing else does.
    package var rescuesBeforeAlone = 2

    /// The rescue that fails the job instead of running it again.
    package var rescuesMax = 4

    /// Watchers of events at the same time, over all jobs.
    package var watchersMax = 10_000

    package var workers = WorkerTimes()
    package var retention = JobRetention()
    package var outbox = OutboxConfiguration()

    package init() {}
}

/// One queue of this process.
package struct QueueOptions: Hashable, Sendable {
    package var name: String
    /// Executions at the same time, over all processes that share the store.
    package var concurrencyMax: Int
    /// A paused queue starts nothing; what runs goes on.
    package var isPaused: Bool

    package init(name: String, concurrencyMax: Int = 4, isPaused: Bool = false) {
        self.name = name
        self.concurrencyMax = concurrencyMax
        self.isPaused = isPaused
    }
}

/// How long things that have ended are kept.
package struct JobRetention: Sendable {
    package var succeeded: Duration = .seconds(7 * 86_400)
    package var failed: Duration = .seconds(30 * 86_400)
    package var cancelled: Duration = .seconds(7 * 86_400)
    /// Delivered and given-up messages of the outbox.
    package var messages: Duration = .seconds(7 * 86_400)
    /// What processes on one store tell each other about jobs.
    package var events: Duration = .seconds(3600)
    /// Time between two sweeps.
    package var interval: Duration = .seconds(600)
    /// Rows removed by one transaction: the single writer is never held for long.
    package var rowsMax = 2_000

    package init() {}
}

/// How processes on one store tell the living from the dead.
package struct WorkerTimes: Hashable, Sendable {
    /// A process that was not heard of for so long is dead: its jobs are run again. Three heartbeats, so that a lost one
    /// is no death.
    package var deadAfter: Duration = .seconds(15)
    package var heartbeatInterval: Duration = .seconds(5)
    /// Between two looks at who has died, and who leads.
    package var leaderInterval: Duration = .seconds(2)

    package init() {}
}
