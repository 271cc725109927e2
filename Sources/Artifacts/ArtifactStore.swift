package import NIOCore

/// Where finished files are kept: a directory, or an S3-compatible store.
///
/// Files never change: every name is used once. A file is there whole or not at all, whatever happens while it is
/// written. Several processes may use one store; each removes only names that it was told to.
package protocol ArtifactStore: Sendable {
    /// Makes sure that the store can be used; to be called once, before everything else.
    func prepare() async throws(ArtifactError)

    /// Gives a finished file its name; the file itself is the store's from here on, or gone.
    ///
    /// - Parameter name: Relative, of parts with letters, digits, `-`, `_` and `.`; unlike every name before.
    func publish(file: String, as name: String) async throws(ArtifactError)

    /// Opens a file for reading.
    func open(_ name: String) async throws(ArtifactError) -> any Artifact

    /// Removes files; those that are not there are no mistake.
    func remove(_ names: [String]) async throws(ArtifactError)

    /// Calls `body` with batch after batch of names, in their order, of files that were written before then.
    ///
    /// - Parameters:
    ///   - bound: Names from this one on are passed over; where names begin with a date, most need not be looked at.
    ///   - seconds: Since 1970.
    ///   - batch: The most names of a call.
    func forEachBatch(
        below bound: String, writtenBefore seconds: Int, batch: Int, _ body: ([String]) async throws -> Void
    ) async throws

    /// Removes what dead processes left half-written before then; answers how much that was.
    ///
    /// - Parameter seconds: Since 1970. Long enough ago that no living process can still be writing it.
    func removeUnfinished(begunBefore seconds: Int) async throws(ArtifactError) -> Int

    /// A link by which a file can be had from the store itself, or nil if it gives none.
    ///
    /// - Parameters:
    ///   - fileName: What the file is to be called where it is saved.
    ///   - duration: How long the link works.
    func link(to name: String, called fileName: String, lasting duration: Duration) -> String?
}

/// A file that is open for reading. It needs no closing; its last reference closes it.
package protocol Artifact: Sendable {
    /// Octets.
    var size: Int { get }
    /// Tells this file from every other of its name; of characters that an HTTP entity tag can have.
    var tag: String { get }
    /// Seconds since 1970.
    var modified: Int { get }

    /// Hands out a range of the octets, piece by piece, in order.
    func copy(_ range: Range<Int>, to write: (ByteBuffer) async throws -> Void) async throws
}

/// Why a store did not do what it was asked. Texts hold no secret.
package struct ArtifactError: Error, Sendable, CustomStringConvertible {
    package enum Kind: Sendable, Equatable {
        /// No file of this name.
        case missing
        /// There is no room for more.
        case full
        /// It may well work later: the store is overloaded or cannot be reached.
        case unavailable
        /// It will not work until somebody changes something: rights, credentials, a bucket that is not there.
        case refused
        /// The file is not what it was.
        case damaged
        case cancelled
    }

    package var kind: Kind
    package let description: String

    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
