public import RPC

/// Jobs and queues of a service, for operators: the same methods for every service, behind its name.
public struct JobMethods: Sendable {
    /// Jobs that fit a filter, newest first, page by page.
    public let list: RPCContract<JobListParameters, JobListResult>
    /// One job.
    public let show: RPCContract<JobParameters, JobDescription>
    /// One job whenever it changes, as items of the stream, and its progress; the answer is the job as it ended.
    public let watch: RPCContract<JobParameters, JobDescription>
    /// Asks a job to become cancelled; one that has ended stays as it is.
    public let cancel: RPCContract<JobParameters, JobDescription>
    /// Starts failed jobs again, oldest first, each once; says how many fit.
    public let redrive: RPCContract<JobRedriveParameters, JobRedriveResult>
    /// Queues, what waits in them and what runs.
    public let queues: RPCContract<RPCNothing, JobQueueList>
    /// Starts nothing more of a queue; what runs goes on.
    public let pause: RPCContract<JobQueueParameters, JobQueueDescription>
    /// Lets a queue start jobs again.
    public let resume: RPCContract<JobQueueParameters, JobQueueDescription>
    /// Sets how many jobs of a queue run at the same time, over all replicas.
    public let cap: RPCContract<JobCapParameters, JobQueueDescription>

    /// The methods of a service, such as `export`.
    public init(service: String) {
        list = RPCContract("\(service).jobs.list", isIdempotent: true)
        show = RPCContract("\(service).jobs.show", isIdempotent: true)
        watch = RPCContract("\(service).jobs.watch", isIdempotent: true)
        cancel = RPCContract("\(service).jobs.cancel", isIdempotent: true)
        redrive = RPCContract("\(service).jobs.redrive")
        queues = RPCContract("\(service).queues.list", isIdempotent: true)
        pause = RPCContract("\(service).queues.pause", isIdempotent: true)
        resume = RPCContract("\(service).queues.resume", isIdempotent: true)
        cap = RPCContract("\(service).queues.cap", isIdempotent: true)
    }

    /// Every name.
    public var names: [String] {
        [
            list.name, show.name, watch.name, cancel.name, redrive.name, queues.name, pause.name, resume.name, cap.name,
        ]
    }
}
