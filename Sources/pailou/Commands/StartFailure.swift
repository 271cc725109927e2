import ArgumentParser
import Artifacts
import Database
import Gateway
import ServiceRuntime

/// Tells why the system did not start, in one line, and chooses the exit status.
enum StartFailure {
    static func told(_ start: () async throws -> Void) async throws {
        do {
            try await start()
        } catch let error as SettingsError {
            StandardError.print("pailou: \(error)")
            throw SettingsOptions.configurationError
        } catch let error as ArtifactError {
            // What cannot be reached may be there later; what gets here was refused.
            StandardError.print("pailou: export.artifacts cannot be used: \(error)")
            throw SettingsOptions.configurationError
        } catch let error where isExpected(error) {
            StandardError.print("pailou: \(error)")
            throw ExitCode.failure
        }
    }

    /// Errors whose text is written for the operator; anything else is shown as the defect it is.
    private static func isExpected(_ error: any Error) -> Bool {
        error is StartError || error is DataDirectoryError || error is FileError || error is FacadeError
            || error is DatabaseError
    }
}
