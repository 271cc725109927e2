import Foundation
import TestSupport

/// FastAPI on uvicorn that answers a constant, without any hop behind it.
final class FastAPI: Running {
    private let directory: TemporaryDirectory
    private let process: TestProcess
    let url: String

    var tree: ProcessTree { ProcessTree(pid: process.pid) }

    /// With uvloop and httptools, the fastest way there is to run it.
    private static let packages = ["fastapi==0.163.2", "uvicorn[standard]==0.54.0"]

    /// The interpreter to run it with; made on first use, which needs PyPI.
    static func interpreter() async throws -> String { try await pythonWithPackages(packages) }

    /// Starts it and waits until the record is answered.
    static func start(python: String, workers: Int, answering record: [UInt8]) async throws -> FastAPI {
        let directory = try TemporaryDirectory(prefix: "pailou-benchmark")
        let port = try freePort()
        try directory.write(String(decoding: record, as: UTF8.self), to: "record.json")
        try directory.write(program, to: "constant.py")
        let arguments = [
            "-m", "uvicorn", "constant:app", "--host", "127.0.0.1", "--port", "\(port)", "--workers", "\(workers)",
            "--no-access-log", "--log-level", "warning",
        ]
        let process = try TestProcess(python, arguments, workingDirectory: directory.path)
        let server = FastAPI(directory: directory, process: process, url: "http://127.0.0.1:\(port)/record")
        try await process.answers("/record", at: "127.0.0.1:\(port)", name: "uvicorn")
        return server
    }

    private init(directory: TemporaryDirectory, process: TestProcess, url: String) {
        self.directory = directory
        self.process = process
        self.url = url
    }

    func stop() async {
        await process.stop()
        directory.close()
    }

    /// A handler as its documentation shows them: a value, made JSON by the framework.
    private static let program = """
        import json

        from fastapi import FastAPI

        app = FastAPI()

        with open("record.json", encoding="utf-8") as file:
            record = json.load(file)


        @app.get("/record")
        async def read_record():
            return record

        """
}
