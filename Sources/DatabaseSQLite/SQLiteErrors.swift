import GRDB

import struct Database.DatabaseError

extension DatabaseError {
    /// The engine's error in the seam's words. Statement texts stay, bound values never were in them.
    init(_ error: GRDB.DatabaseError) {
        let said = error.message ?? "no message"
        let statement = error.sql.map { ", while executing `\($0)`" } ?? ""
        self.init(
            Self.kind(of: error.extendedResultCode), said + statement,
            engineCode: Int(error.extendedResultCode.rawValue))
    }

    /// https://www.sqlite.org/rescode.html
    private static func kind(of code: ResultCode) -> Kind {
        // The log's index needs room of its own; nothing is wrong with the disk.
        if code == .SQLITE_IOERR_SHMSIZE { return .full }
        return switch code.primaryResultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: .busy
        case .SQLITE_FULL: .full
        case .SQLITE_CONSTRAINT: .constraint(constraint(of: code))
        case .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM: .io
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: .corrupt
        case .SQLITE_ABORT, .SQLITE_INTERRUPT: .rolledBack
        default: .misuse
        }
    }

    private static func constraint(of code: ResultCode) -> Constraint {
        switch code {
        case .SQLITE_CONSTRAINT_UNIQUE, .SQLITE_CONSTRAINT_PRIMARYKEY, .SQLITE_CONSTRAINT_ROWID: .unique
        case .SQLITE_CONSTRAINT_FOREIGNKEY: .foreignKey
        case .SQLITE_CONSTRAINT_NOTNULL: .notNull
        case .SQLITE_CONSTRAINT_CHECK: .check
        default: .other
        }
    }
}

/// Runs a call of the engine's library and answers in the seam's errors.
func translatingErrors<T>(_ body: () throws -> T) throws -> T {
    do {
        return try body()
    } catch let error as GRDB.DatabaseError {
        throw DatabaseError(error)
    }
}
