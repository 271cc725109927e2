import Foundation
import TestSupport

/// huey on SQLite with every commit synced, from PyPI: producer and consumer in one process, as a small service has it.
enum Huey {
    private static let packages = ["huey==3.5.4"]
    /// More threads only wait for each other at the one writer.
    private static let threads = 4

    static func contender(jobs: Int) async throws -> JobContender {
        let python = try await pythonWithPackages(packages)
        return JobContender(name: "huey on SQLite with fsync") {
            let directory = try TemporaryDirectory(prefix: "pailou-benchmark")
            defer { directory.close() }
            let script = try directory.write(program, to: "lives.py")
            let result = try await runSuccessfully(
                python, [script, "\(jobs)", directory.path("huey.sqlite"), "\(threads)"], within: .seconds(300))
            return try JSONDecoder().decode(JobRun.self, from: Data(result.standardOutput.utf8))
        }
    }

    private static let program = """
        import json
        import sys
        import threading
        import time

        from huey import SqliteHuey
        from huey.signals import SIGNAL_COMPLETE

        count, path, threads = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
        huey = SqliteHuey("benchmark", filename=path, fsync=True)
        all_done = threading.Event()
        done = 0
        lock = threading.Lock()


        @huey.task()
        def nothing():
            return "done"


        @huey.signal(SIGNAL_COMPLETE)
        def completed(signal, task):
            global done
            with lock:
                done += 1
                if done == count:
                    all_done.set()


        consumer = huey.create_consumer(
            workers=threads, periodic=False, initial_delay=0.001, max_delay=0.01, check_worker_health=False)
        consumer.start()
        begin, computed = time.monotonic(), time.process_time()
        for _ in range(count):
            nothing()
        all_done.wait()
        seconds = time.monotonic() - begin
        print(json.dumps({
            "jobs": count, "seconds": seconds, "processorTime": time.process_time() - computed}))
        consumer.stop(graceful=True)

        """
}
