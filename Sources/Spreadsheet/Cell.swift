/// One value of a row, as it came from the source.
///
/// The pointers are borrowed: they only have to live until the call that takes them returns, so a row of a page is
/// written without a `String` per cell. Nothing is promised about the bytes: the writers repair what a file cannot hold.
package enum Cell {
    /// Nothing: `null`, or a key that the page did not have.
    case empty
    case boolean(Bool)
    /// A number as its JSON text. A writer that cannot keep every digit writes it as text.
    case number(UnsafeRawBufferPointer)
    /// A string, unescaped, meant to be UTF-8.
    case text(UnsafeRawBufferPointer)
    /// A nested object or array as its JSON text.
    case json(UnsafeRawBufferPointer)
}
