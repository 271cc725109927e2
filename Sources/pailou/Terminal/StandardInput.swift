import ArgumentParser
import Glibc

/// What is piped into a command.
enum StandardInput {
    static func readAll(bytesMax: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(STDIN_FILENO, &piece, piece.count)
            guard count > 0 else { return bytes }
            bytes += piece[..<count]
            guard bytes.count <= bytesMax else {
                throw ValidationError("standard input: expected at most \(bytesMax) bytes")
            }
        }
    }
}
