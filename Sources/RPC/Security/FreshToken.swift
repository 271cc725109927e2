/// Makes tokens nobody can guess.
package enum FreshToken {
    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    /// 43 letters of 6 bits: more than SHA-256 keeps.
    private static let lettersCount = 43

    /// A token of letters that need no escape in URLs, headers and shells; no two are alike.
    package static func make() -> String {
        // The system's generator is getrandom(2) on Linux.
        var random = SystemRandomNumberGenerator()
        let token = (0..<lettersCount).map { _ in letters[Int(UInt8.random(in: 0..<64, using: &random))] }
        // Never like an option of a command line.
        return "plt_" + String(decoding: token, as: UTF8.self)
    }
}
