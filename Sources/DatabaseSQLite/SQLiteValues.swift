import Foundation
import GRDB

import enum Database.DatabaseValue

/// Values between the seam and the library.
enum SQLiteValues {
    static func bound(_ value: DatabaseValue) -> GRDB.DatabaseValue {
        switch value {
        case .null: .null
        case .integer(let integer): integer.databaseValue
        case .real(let real): real.databaseValue
        case .text(let text): text.databaseValue
        case .blob(let bytes): Data(bytes).databaseValue
        }
    }

    static func value(at index: Int, of row: GRDB.Row) -> DatabaseValue {
        let found: GRDB.DatabaseValue = row[index]
        switch found.storage {
        case .null: return .null
        case .int64(let integer): return .integer(integer)
        case .double(let real): return .real(real)
        case .string(let text): return .text(text)
        case .blob(let data): return .blob([UInt8](data))
        }
    }
}
