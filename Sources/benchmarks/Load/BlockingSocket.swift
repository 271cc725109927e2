import Foundation
import Glibc

/// A TCP connection of which every step blocks: nothing but the system call stands between a test and its clock.
final class BlockingSocket {
    private let descriptor: Int32

    /// Nothing here is waited for longer than this.
    private static let patience = 10

    init(host: String, port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: Self.patience, tv_usec: 0)
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else {
            throw BenchmarkError("expected an IPv4 address, found \(host)")
        }
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Self.failure("connect to \(host):\(port)") }
    }

    /// Connects to `host:port`.
    convenience init(_ address: String) throws {
        let parts = address.split(separator: ":")
        guard parts.count == 2, let port = Int(parts[1]) else {
            throw BenchmarkError("expected host and port, found \(address)")
        }
        try self.init(host: String(parts[0]), port: port)
    }

    deinit { close(descriptor) }

    /// Sends all of it.
    func send(_ octets: [UInt8]) throws {
        var sent = 0
        while sent < octets.count {
            let count = octets.withUnsafeBytes { bytes in
                Glibc.send(descriptor, bytes.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Self.failure("send") }
            sent += count
        }
    }

    /// Receives what is there, at least one octet, into the buffer; answers how many.
    func receive(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
        guard count > 0 else { throw Self.failure("receive") }
        return count
    }

    /// Receives exactly so many octets.
    func receive(_ count: Int) throws -> [UInt8] {
        var octets = [UInt8](repeating: 0, count: count)
        var received = 0
        while received < count {
            received += try octets.withUnsafeMutableBytes { try receive(into: .init(rebasing: $0[received...])) }
        }
        return octets
    }

    /// Receives a frame of the wire, without its length.
    func receiveFrame() throws -> [UInt8] {
        let length = try receive(4).reduce(0) { $0 << 8 | Int($1) }
        return try receive(length)
    }

    private static func failure(_ operation: String) -> BenchmarkError {
        BenchmarkError("cannot \(operation): \(String(cString: strerror(errno)).lowercased())")
    }
}

/// A message of the wire with its length in front.
func plainFrame(_ message: String) -> [UInt8] {
    withUnsafeBytes(of: UInt32(message.utf8.count).bigEndian) { Array($0) } + Array(message.utf8)
}
