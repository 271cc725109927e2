import Glibc
import Testing

/// A client that asks and never reads.
struct DeafClient {
    private let socket: Int32

    init(port: Int) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var size: Int32 = 4_096
        setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(result == 0)
    }

    /// Sends what the kernel takes at once; answers how many octets that were.
    func send(_ octets: ArraySlice<UInt8>) -> Int {
        octets.withUnsafeBytes { octets in
            max(0, Glibc.send(socket, octets.baseAddress, octets.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)))
        }
    }

    @discardableResult
    func send(_ text: String) -> Int {
        send(Array(text.utf8)[...])
    }

    func close() {
        _ = Glibc.close(socket)
    }
}
