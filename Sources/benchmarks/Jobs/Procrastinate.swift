import Foundation
import TestSupport

/// procrastinate on PostgreSQL by psycopg, from PyPI: producers and worker in one process, as a small service has it.
enum Procrastinate {
    private static let packages = ["procrastinate==3.10.0", "psycopg[binary,pool]==3.3.9"]
    /// More of them are slower: its worker takes one job after another.
    private static let tasks = 16

    static func contender(jobs: Int, server: PostgreSQLServer) async throws -> JobContender {
        let python = try await pythonWithPackages(packages)
        return JobContender(name: "procrastinate on PostgreSQL") {
            let directory = try TemporaryDirectory(prefix: "pailou-benchmark")
            defer { directory.close() }
            let script = try directory.write(program, to: "lives.py")
            let result = try await runSuccessfully(
                python, [script, "\(jobs)", try await server.makeDatabase(), "\(tasks)"], within: .seconds(300))
            return try JSONDecoder().decode(JobRun.self, from: Data(result.standardOutput.utf8))
        }
    }

    private static let program = """
        import asyncio
        import json
        import sys
        import time

        import procrastinate

        count, address, tasks = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
        connector = procrastinate.PsycopgConnector(conninfo=address, min_size=4, max_size=tasks + 4)
        app = procrastinate.App(connector=connector)
        done = 0
        all_done = asyncio.Event()


        @app.task(queue="default", name="nothing")
        async def nothing():
            global done
            done += 1
            if done == count:
                all_done.set()


        async def produce(numbers):
            for _ in numbers:
                await nothing.defer_async()


        async def recorded():
            row = await connector.execute_query_one_async(
                "SELECT count(*) AS jobs FROM procrastinate_jobs WHERE status = 'succeeded'")
            return row["jobs"]


        async def main():
            async with app.open_async():
                await app.schema_manager.apply_schema_async()
                worker = asyncio.create_task(app.run_worker_async(
                    concurrency=tasks, install_signal_handlers=False, fetch_job_polling_interval=0.05))
                begin, computed = time.monotonic(), time.process_time()
                await asyncio.gather(*(produce(range(first, count, tasks)) for first in range(tasks)))
                await all_done.wait()
                while await recorded() < count:
                    await asyncio.sleep(0.01)
                seconds = time.monotonic() - begin
                print(json.dumps({
                    "jobs": count, "seconds": seconds, "processorTime": time.process_time() - computed}))
                worker.cancel()
                await asyncio.gather(worker, return_exceptions=True)


        asyncio.run(main())

        """
}
